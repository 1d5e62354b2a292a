import DeploySettings
import DockerfileTemplates
import FrontMatter
import GitPatterns
import SpacesModel

/// Works out the exact tree that a Space should hold, in the order of design 4.3: root, include, exclude, map,
/// add, Dockerfile, attributes, card, keep.
struct TreeComposer<Store: ObjectDatabase>: Sendable {
    let target: Target
    let snapshot: SourceSnapshot
    let store: Store
    /// The Space's present tree.
    let space: ObjectID?
    /// Keys of the Space's card that complete ours.
    let completedKeys: [String]
    /// Brings blobs of the Space into the store.
    let fetchBlobs: @Sendable ([ObjectID]) async throws(DeployError) -> Void

    /// What the Space is built on, when `image` is set.
    let image: BaseImage?

    /// The Space holds what the Hub puts into a new one.
    var isPristine = false
    var reasons = ChangeReasons()
    /// What was decided in composing, for the story.
    var messages: [String] = []
    /// What the tree that was composed does not show any more: submodules left out, a card that was moved.
    var sourceFindings: [Finding] = []
    /// Why no Dockerfile was written where there is none.
    var missingDockerfile: MissingDockerfile?
    /// The kind of Space before and after, once it is composed.
    private(set) var sdkChange = SDKChange()
    /// Keys of the card that the Space's completed.
    private(set) var preservedKeys: [String] = []
    /// Files that were looked at, in this composition or the one before.
    var scanCache = ScanCache()
    /// What goes by LFS, and why; nothing with `lfs = off`.
    var lfsStager: LFSStager<Store>?

    init(
        _ target: Target, _ snapshot: SourceSnapshot, store: Store, space: ObjectID?,
        completing completedKeys: [String] = ReadmeComposer.defaultInheritedKeys, on image: BaseImage? = nil,
        fetchBlobs: @escaping @Sendable ([ObjectID]) async throws(DeployError) -> Void
    ) {
        (self.target, self.snapshot, self.store) = (target, snapshot, store)
        (self.space, self.completedKeys, self.fetchBlobs) = (space, completedKeys, fetchBlobs)
        self.image = image ?? target.image.map { BaseImage($0) }
    }

    /// - Parameter reconciler: puts what somebody changed on the Space into the tree; nil where there is no Space yet.
    mutating func compose(_ reconciler: inout DriftReconciler<Store>?) async throws(DeployError)
        -> ComposedTree
    {
        try await store.checkSize(
            of: snapshot.commit.tree, snapshot.repository, snapshot.isFromSpace ? .refused : .source)
        if let space { try await store.checkSize(of: space, target.space.description, .refused) }
        let top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
        let old = if let space { try await TreeBuilder(opening: space, in: store) } else { TreeBuilder() }
        var draft = try await select(from: top)
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

    /// None of a tree that the Space holds already: it was let in, and what it runs is looked at itself.
    private mutating func findings(
        in tree: ObjectID, beside contents: ReachableObjects
    ) async throws(DeployError) -> [Finding] {
        guard tree != space else { return [] }
        let survey = try await TreeScanner(
            of: tree, over: contents, allowing: target.allowCredential, sendsLFS: target.usesLFS,
            knowing: scanCache.drain(), in: store)
        scanCache = survey.scanCache
        let findings = survey.findings.map { $0.addingReason(missingDockerfile?.reason) }
        return (findings + sourceFindings + (lfsStager?.files.credentials ?? [])).sortedUnique
    }

    private func nothingSelectedError() -> DeployError {
        DeployError(
            .source, "nothing of \(snapshot.repository) is selected for \(target.space)",
            hint: "look at root, include and exclude: spacesync plan -v shows them with their origin")
    }

    private mutating func select(from top: TreeBuilder) async throws(DeployError) -> TreeBuilder {
        guard let node = try await top.node(at: target.root, in: store) else {
            throw await missingPathError(target.root, key: "root", in: top)
        }
        guard let root = try await node.openDirectory(in: store) else {
            throw DeployError(
                .settings, "root = \(target.root): is a file, not a directory",
                hint: "name the directory that it is in, or map = \(target.root):/ for the file alone")
        }
        let selection = Selection(target)
        (reasons.selection, reasons.root) = (selection, target.root)
        var census = UnmatchedPatternTracker(selection.include)
        let selected = try await root.selected(by: selection, tracker: &census, in: store)
        guard census.unmatched.isEmpty else { throw await unmatchedPatternsError(census.unmatched, in: root) }
        return selected
    }

    private mutating func map(from top: TreeBuilder, onto draft: inout TreeBuilder) async throws(DeployError)
    {
        for mapping in target.maps {
            guard let node = try await top.node(at: mapping.from, in: store) else {
                throw await missingPathError(mapping.from, key: "map", in: top)
            }
            reasons.record(mapping)
            try await overlay(node, by: mapping, on: &draft)
        }
    }

    private mutating func add(to draft: inout TreeBuilder) async throws(DeployError) {
        for mapping in target.adds {
            guard let node = try await snapshot.untrackedFiles.node(at: mapping.from, in: store) else {
                continue
            }
            try await overlay(node, by: mapping, on: &draft)
            let inner = try await node.openDirectory(in: store)?.paths(in: store) ?? [.root]
            for path in inner { reasons.record(mapping.destination(of: path), "add \(mapping)") }
        }
    }

    private func overlay(
        _ node: TreeBuilder.Node, by mapping: Mapping, on draft: inout TreeBuilder
    ) async throws(DeployError) {
        if let directory = try await node.openDirectory(in: store) {
            try await overlay(directory, at: mapping.to, on: &draft)
        } else {
            try await draft.set(node, at: mapping.destination(of: .root), in: store)
        }
    }

    private func overlay(_ directory: TreeBuilder, at path: Path, on draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard !path.isRoot else { return try await draft.overlay(directory, in: store) }
        var base = try await draft.node(at: path, in: store)?.openDirectory(in: store) ?? TreeBuilder()
        try await base.overlay(directory, in: store)
        try await draft.set(.directory(base), at: path, in: store)
    }

    /// The Space's own rules of what goes by LFS stay when the source has none: without them its large files break.
    private func preserveAttributes(of old: TreeBuilder, in draft: inout TreeBuilder) {
        if draft[".gitattributes"] == nil { draft[".gitattributes"] = old[".gitattributes"] }
    }

    private mutating func addCard(
        _ cards: CardSources, over old: TreeBuilder, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        if snapshot.promotion != nil { return try await preserveSpaceCard(cards, over: old, in: &draft) }
        // Broken front matter stays as it is: the preflight says so, beside all else that is wrong.
        if let source = cards.source, !Card.read(source).syntaxErrors.isEmpty { return }
        let card = try CardComposer(
            target, cards, dockerfile: try await content(draft["Dockerfile"]?.blob),
            origin: snapshot.repository, completing: completedKeys, missing: missingDockerfile,
            isNew: space == nil)
        sdkChange = SDKChange(old: cards.space.flatMap { Card.read($0).value(of: "sdk") }, new: card.sdk)
        preservedKeys = card.preservedKeys
        reasons.record("README.md", card.reason)
        if cards.source == nil, cards.space == card.readme, try await excludesReadme() {
            reasons.recordPreserved(
                "README.md", "the Space's own, as the source's is left out: the Hub needs its card")
        }
        guard card.readme != cards.source else { return }
        let theirs = old["README.md"]?.blob
        let written =
            if card.readme == cards.space, let theirs { theirs } else {
                try await store.write(blob: card.readme)
            }
        draft["README.md"] = .entry(.file, written)
    }

    /// - Parameter keys: of the Space's card, that stay.
    mutating func recordCardResult(_ sdkChange: SDKChange, keeping keys: [String]) {
        (self.sdkChange, preservedKeys) = (sdkChange, keys)
    }

    /// Whether the source has a README that include or exclude leave out.
    private func excludesReadme() async throws(DeployError) -> Bool {
        let top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
        return try await top.node(at: target.root.appending("README.md"), in: store)?.blob != nil
    }

    func content(_ blob: ObjectID?) async throws(DeployError) -> [UInt8]? {
        if let blob { try await store.content(of: blob) } else { nil }
    }

    private mutating func preserveSpaceFiles(_ old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard !target.keep.isEmpty else { return }
        var kept = PreservedPaths(target.keep)
        try await kept.collect(old, at: .root, in: store)
        for (path, node) in kept.nodes {
            try await draft.set(node, at: path, in: store)
            reasons.recordPreserved(path)
        }
    }

    private func plan(of changes: TreeDiff) -> Plan {
        let moves = changes.moves
        let changed = changes.files.map { file in
            var change = Change(path: file.path, kind: file.kind, why: reasons.reason(file))
            if let place = moves[file.path] {
                (change.movedTo, change.why) = (place, "moved to \(place.shown)")
            }
            if file.kind != .removed, let goes = lfsStager?.reasons[file.path] {
                change.why += "; " + goes
                change.lfs = lfsStager?.files.byPointer[file.entry.id]?.pointer.size
            }
            return change
        }
        // A README of which only parts were kept may change as well.
        let paths = Set(changes.files.map(\.path))
        let kept = reasons.preserved.filter { !paths.contains($0.key) }.sorted { $0.key < $1.key }.map {
            Change(path: $0, kind: .kept, why: $1)
        }
        return Plan(changes: changed + kept)
    }
}
