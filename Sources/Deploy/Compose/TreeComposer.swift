import DeploySettings
import DockerfileTemplates
import FrontMatter
import GitPatterns
import SpacesModel

/// A composer of the exact tree of a Space, in the order of design 4.3: root, include, exclude, map,
/// add, Dockerfile, attributes, card, keep.
struct TreeComposer: Sendable {
    let target: Target
    let snapshot: SourceSnapshot
    let store: any ObjectDatabase
    /// The Space's current tree.
    let space: ObjectID?
    /// Keys that are taken from the Space's card if the source's card lacks them.
    let completedKeys: [String]
    /// Fetches blobs of the Space into the store.
    let fetchBlobs: @Sendable ([ObjectID]) async throws(DeployError) -> Void

    /// The base image, if `image` is set.
    let image: BaseImage?

    /// Whether the Space contains only the files that the Hub puts into a new Space.
    var isPristine = false
    var reasons = ChangeReasons()
    /// Decisions made during composition, for the log.
    var messages: [String] = []
    /// Findings that the composed tree does not show any more: removed submodules, a card that was
    /// moved.
    var sourceFindings: [Finding] = []
    /// The reason why no Dockerfile was generated, if there is none.
    var missingDockerfile: MissingDockerfile?
    /// The kind of Space before and after, set by the composition.
    var sdkChange = SDKChange()
    /// Keys of the card whose values come from the Space's card.
    var preservedKeys: [String] = []
    /// Scan results from this composition or an earlier one.
    var scanCache = ScanCache()
    /// The stager of files that are sent by LFS; `nil` with `lfs = off`.
    var lfsStager: LFSStager?

    init(
        _ target: Target, _ snapshot: SourceSnapshot, store: any ObjectDatabase, space: ObjectID?,
        completing completedKeys: [String] = ReadmeComposer.defaultInheritedKeys, on image: BaseImage? = nil,
        fetchBlobs: @escaping @Sendable ([ObjectID]) async throws(DeployError) -> Void
    ) {
        (self.target, self.snapshot, self.store) = (target, snapshot, store)
        (self.space, self.completedKeys, self.fetchBlobs) = (space, completedKeys, fetchBlobs)
        self.image = image ?? target.image.map { BaseImage($0) }
    }

    /// Composes the tree.
    /// - Parameter reconciler: merges edits made on the Space into the tree; `nil` if the Space does
    ///   not exist yet.
    mutating func compose(_ reconciler: inout DriftReconciler?) async throws(DeployError)
        -> ComposedTree
    {
        try await store.checkSize(
            of: snapshot.commit.tree, snapshot.repository, snapshot.isFromSpace ? .refused : .source)
        if let space { try await store.checkSize(of: space, target.space.description, .refused) }
        let top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
        let old = if let space { try await TreeBuilder(opening: space, in: store) } else { TreeBuilder() }
        let root = try await openRoot(in: top)
        var tracker = UnmatchedPatternTracker(reasons.selection.include)
        var draft = try await root.selected(by: reasons.selection, tracker: &tracker, in: store)
        if !tracker.unmatched.isEmpty { throw await unmatchedPatternsError(tracker.unmatched, in: root) }
        try await map(from: top, onto: &draft)
        try await add(to: &draft)
        try await leaveOutSubmodules(in: &draft)
        try await resolveNamedFiles(from: top, in: &draft)
        try await fetchMissingSourceBlobs(draft, from: top, over: old)
        try await convertNamedFiles(in: &draft, over: old)
        let cards = try await cards(from: top, in: draft, over: old)
        try await addDockerfile(from: top, in: &draft, cards, over: old)
        preserveAttributes(of: old, in: &draft)
        try await addCard(cards, over: old, in: &draft)
        try await stageLFSFiles(over: old, in: &draft)
        try await preserveSpaceFiles(old, in: &draft)
        try await reconciler?.reconcile(&draft)
        if let reconciler { reasons.recordEdits(reconciler, snapshot.commit.id, isPristine) }
        try await updateLFSAttributes(over: old, in: &draft)
        try await draft.openNonCanonicalTrees(in: store)
        guard let tree = try await draft.write(to: store) else { throw nothingSelectedError() }
        let contents = try await ReachableObjects(of: tree == space ? nil : space, in: store)
        let changes = try await TreeDiff(from: space, to: tree, beside: contents, in: store)
        return ComposedTree(
            tree: tree, objects: changes.objects, plan: plan(of: changes),
            findings: try await findings(in: tree, beside: contents), baseImage: image?.trailer,
            lfsFiles: lfsStager?.files.matching(changes.objects.map(\.id)) ?? [],
            lfsFilesByPointer: lfsStager?.files.byPointer ?? [:]
        )
    }

    /// Returns the findings; none for a tree that the Space already has: the Hub accepted it, and its
    /// build and app are watched directly.
    private mutating func findings(
        in tree: ObjectID, beside contents: ReachableObjects
    ) async throws(DeployError) -> [Finding] {
        guard tree != space else { return [] }
        let scanner = try await TreeScanner(
            of: tree, over: contents, allowing: target.allowCredential, sendsLFS: target.usesLFS,
            knowing: scanCache.drain(), in: store)
        scanCache = scanner.scanCache
        let findings = scanner.findings.map { $0.addingReason(missingDockerfile?.reason) }
        return (findings + sourceFindings + (lfsStager?.files.credentials ?? [])).sortedUnique
    }

    private func nothingSelectedError() -> DeployError {
        DeployError(
            .source, "no files of \(snapshot.repository) match root, include and exclude for \(target.space)",
            hint: "to see these settings with their origin: spacesync plan -v")
    }

    /// Returns the directory of the source that is deployed, and records the selection in it.
    private mutating func openRoot(in top: TreeBuilder) async throws(DeployError) -> TreeBuilder {
        guard let node = try await top.node(at: target.root, in: store) else {
            throw await missingPathError(target.root, key: "root", in: top)
        }
        guard let root = try await node.openDirectory(in: store) else {
            throw DeployError(
                .settings, "root = \(target.root): is a file, not a directory",
                hint: "set root to its directory, or use map = \(target.root):/ for only this file")
        }
        (reasons.selection, reasons.root) = (Selection(target), target.root)
        return root
    }

    private mutating func map(from top: TreeBuilder, onto draft: inout TreeBuilder) async throws(DeployError)
    {
        for mapping in target.maps {
            guard let node = try await top.node(at: mapping.from, in: store) else {
                throw await missingPathError(mapping.from, key: "map", in: top)
            }
            reasons.record(mapping)
            try await draft.overlay(
                node, at: mapping.to, orFileAt: mapping.destination(of: .root), in: store)
        }
    }

    private mutating func add(to draft: inout TreeBuilder) async throws(DeployError) {
        for mapping in target.adds {
            guard let node = try await snapshot.untrackedFiles.node(at: mapping.from, in: store) else {
                continue
            }
            try await draft.overlay(
                node, at: mapping.to, orFileAt: mapping.destination(of: .root), in: store)
            let inner = try await node.openDirectory(in: store)?.paths(in: store) ?? [.root]
            for path in inner { reasons.record(mapping.destination(of: path), "add \(mapping)") }
        }
    }

    /// Keeps the Space's `.gitattributes` if the source has none: without it the Space's LFS files
    /// break.
    private func preserveAttributes(of old: TreeBuilder, in draft: inout TreeBuilder) {
        if draft[".gitattributes"] == nil { draft[".gitattributes"] = old[".gitattributes"] }
    }

    func content(_ blob: ObjectID?) async throws(DeployError) -> [UInt8]? {
        if let blob { try await store.content(of: blob) } else { nil }
    }

    private mutating func preserveSpaceFiles(_ old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard !target.keep.isEmpty else { return }
        var preserved = PreservedPaths(target.keep)
        try await preserved.collect(old, at: .root, in: store)
        for (path, node) in preserved.nodes {
            try await draft.set(node, at: path, in: store)
            reasons.recordPreserved(path)
        }
    }

    private func plan(of changes: TreeDiff) -> Plan {
        let moves = changes.moves
        let changed = changes.files.map { file in
            var change = Change(path: file.path, kind: file.kind, why: reasons.reason(file))
            if let newPath = moves[file.path] {
                (change.movedTo, change.why) = (newPath, "moved to \(newPath.shown)")
            }
            if file.kind != .removed, let lfsReason = lfsStager?.reasons[file.path] {
                change.why += "; " + lfsReason
                change.lfs = lfsStager?.files.byPointer[file.entry.id]?.pointer.size
            }
            return change
        }
        // A README that is preserved in part may also be in the list of changed files.
        let changedPaths = Set(changes.files.map(\.path))
        let preservedChanges = reasons.preserved.filter { !changedPaths.contains($0.key) }.sorted {
            $0.key < $1.key
        }.map {
            Change(path: $0, kind: .kept, why: $1)
        }
        return Plan(changes: changed + preservedChanges)
    }
}
