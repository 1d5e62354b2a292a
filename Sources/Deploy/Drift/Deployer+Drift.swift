import DeploySettings
import SpacesModel

extension Deployer {
    /// Reports the files that were changed on the Space since the last deploy. Sends nothing.
    /// - Parameter onDriftedFile: called with each changed file, in order of the paths.
    package func drift(
        withPatch: Bool, _ onDriftedFile: @Sendable (DriftedFile) async throws(DeployError) -> Void
    ) async -> DeployResult {
        await makeResult { (report) async throws(DeployError) in
            emit(.step("Reading the source"))
            let snapshot = try await source.snapshot(of: target.revision).withLFSContent(from: lfsTransfer)
                .adding(target.adds, from: source, to: store)
            (report.sourceCommit, report.outcome) = (snapshot.commit.id, .planned)
            snapshot.log(emit)
            let state = try await space.fetchHead(of: target.spaceBranch)
            emit(.read(source: snapshot.commit.id, spaceHead: state.head?.id))
            try await store.checkSize(of: snapshot.commit.tree, snapshot.repository)
            try await checkSize(of: state)
            guard let head = state.head else { return emit(.detail("\(target.space) holds no commit yet")) }
            report.commit = head.id
            let baseline = try await loadDriftBaseline(head, snapshot)
            let merger = merger(snapshot, baseline.since)
            let files = try await driftedFiles(on: baseline, merger, withPatch)
            let pathResolver = try await SourcePathResolver(target, in: snapshot, store: store)
            let patchBuilder = DriftPatchBuilder(
                baseline: baseline, pathResolver: pathResolver, store: store, merger: merger,
                buildsPatch: withPatch
            ) { [lfsTransfer] (file) async throws(DeployError) in
                try await lfsTransfer.content(of: file, of: snapshot)
            }
            let patchedFiles = try await patchBuilder.addingPatches(files)
            for file in patchedFiles { try await onDriftedFile(file) }
            logDriftCount(patchedFiles, baseline)
            guard !patchedFiles.isEmpty else { return }
            let hasPatch =
                try await withPatch
                ? patchedFiles.contains(where: \.hasPatch) : patchBuilder.hasPatch(of: files)
            logPatchHint(patchedFiles, snapshot.branch, withPatch, hasPatch)
        }
    }

    private func logDriftCount(_ files: [DriftedFile], _ baseline: DriftBaseline<Store>) {
        let since =
            baseline.since.map { "since \($0.id.short) (\($0.shownSubject))" } ?? "that no deploy put there"
        guard !files.isEmpty else { return emit(.detail("\(target.space) holds no change \(since)")) }
        emit(.detail("\(files.count == 1 ? "1 change" : "\(files.count) changes") \(since)"))
    }

    private func logPatchHint(
        _ files: [DriftedFile], _ branch: String?, _ withPatch: Bool, _ hasPatch: Bool
    ) {
        guard hasPatch else {
            if withPatch { emit(.detail("none of them can be applied to the source as a patch")) }
            return emit(.detail("to see or save them: git clone the Space; to leave them to it: keep = PATH"))
        }
        guard !withPatch else { return }
        let branchSuffix = branch.map { ", on \($0)" } ?? ""
        let applyCommand = files.contains(where: \.isChangedInSource) ? "git apply -3" : "git apply"
        let command = "spacesync drift \(target.space) --patch | \(applyCommand)"
        emit(.detail("to bring them home, at the top of the source\(branchSuffix): \(command)"))
    }

    private func loadDriftBaseline(_ head: Commit, _ snapshot: SourceSnapshot) async throws(DeployError)
        -> DriftBaseline<Store>
    {
        guard !target.pushesHistory else { return try await loadHistoryDriftBaseline(head, snapshot) }
        let deployBaseline = try await loadBaseline(of: SpaceHead(head: head))
        var composed = deployBaseline.lastDeploy?.tree ?? snapshot.commit.tree
        do throws(DeployError) {
            composed = try await composedTree(snapshot, over: head, deployBaseline)
        } catch {
            emit(
                .warning(
                    "a push would end early, so what the source has of this already is not told: \(error.message)"
                ))
        }
        var baseline = try await DriftBaseline(
            head: head, since: deployBaseline.base(for: snapshot), composed: composed, in: store)
        if deployBaseline.isAdoption { baseline.findKnownPaths = makeAdoptionCheck(snapshot, head) }
        return baseline
    }

    /// Returns the tree that a push would send if it preserved none of the Space's edits.
    private func composedTree(
        _ snapshot: SourceSnapshot, over head: Commit, _ baseline: DeployBaseline
    ) async throws(DeployError) -> ObjectID {
        var composer = TreeComposer(
            target, snapshot, store: store, space: head.tree, completing: baseline.completedKeys,
            on: try await resolveBaseImage(baseline)
        ) { [space] (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) }
        var noReconciler: DriftReconciler<Store>?
        return try await composer.compose(&noReconciler).tree
    }

    private func loadHistoryDriftBaseline(_ head: Commit, _ snapshot: SourceSnapshot)
        async throws(DeployError) -> DriftBaseline<
            Store
        >
    {
        try await source.fetchHistory(of: snapshot.commit.id)
        let isPristine = try await isPristine(head)
        let relation = try await findHistoryRelation(of: head, under: snapshot.commit, isPristine: isPristine)
        var since = relation.spaceOnlyCommits.isEmpty ? head : nil
        if let base = relation.bases.first { since = try await store.commit(base) }
        return try await DriftBaseline(head: head, since: since, composed: snapshot.commit.tree, in: store)
    }

    /// Returns the files that were changed on the Space, without the Space's own paths (`keep`) and
    /// without changes that the source already has. Fetches the Space's blobs in one request.
    private func driftedFiles(
        on baseline: DriftBaseline<Store>, _ merger: ThreeWayMerger, _ withPatch: Bool
    ) async throws(DeployError) -> [DriftedFile] {
        var edits: [(path: Path, edit: ThreeWayEntry)] = []
        let records = baseline.common.records
        let openEdits = try await baseline.openEdits(except: try await preservedPaths(baseline)) {
            records[$0] != nil
        }
        for (path, edit) in openEdits {
            if baseline.since != nil, try await merger.addsLargeFilesOnly(edit, at: path) { continue }
            edits.append((path, edit))
        }
        let isKnown = baseline.since != nil
        let editsToRead = edits.filter { withPatch || (isKnown && $0.edit.isChangedInSource) }
        try await space.fetchBlobs(editsToRead.compactMap { $0.edit.space?.blob })
        var files: [DriftedFile] = []
        for (path, edit) in edits {
            var file = DriftedFile(path: path, kind: edit.kind)
            file.isMerged = baseline.common.records[path] != nil
            file.isChangedInSource = isKnown && edit.isChangedInSource
            if !isKnown, edit.source != nil { file.kind = .updated }
            if path == "README.md", isKnown,
                let readme = try await merger.compareReadme(edit, on: baseline.common)
            {
                file.isChangedInSource = readme.openEdits.contains(where: \.isChangedInSource)
                if !readme.openEdits.isEmpty { files.append(file) }
                continue
            }
            if file.isChangedInSource, try await merger.outcome(of: edit, at: path) == .alreadyApplied {
                continue
            }
            files.append(file)
        }
        return files
    }

    private func preservedPaths(_ baseline: DriftBaseline<Store>) async throws(DeployError) -> [Path] {
        guard !target.keep.isEmpty else { return [] }
        var preserved = PreservedPaths(target.keep)
        for tree in [baseline.head.tree, baseline.common.tree].compactMap({ $0 }) {
            try await preserved.collect(try await TreeBuilder(opening: tree, in: store), at: .root, in: store)
        }
        return preserved.nodes.map(\.path)
    }
}

extension BlobVersion {
    /// The blob's id; `nil` for a submodule.
    var blob: ObjectID? { kind.isBlob ? id : nil }
}

/// The states that `drift` compares: the Space's head, the commit last in common, and the tree that a
/// push would send.
struct DriftBaseline<Store: ObjectDatabase>: Sendable {
    let head: Commit
    /// The deploy or commit that the Space and the source last had in common; `nil` if there is none.
    let since: Commit?
    /// The tree that a push would send now.
    let composed: ObjectID
    let common: MergeBase<Store>
    /// Returns the paths of the Space's files of which the source has a version; `nil` if there was a
    /// deploy before.
    var findKnownPaths: (@Sendable ([Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path>)?
    private let spaceTree: TreeBuilder
    private let composedTree: TreeBuilder
    private let readers: (space: TreeReader<Store>, composed: TreeReader<Store>)
    private let store: Store

    init(head: Commit, since: Commit?, composed: ObjectID, in store: Store) async throws(DeployError) {
        (self.head, self.since, self.composed, self.store) = (head, since, composed, store)
        common = try await MergeBase(since, in: store)
        spaceTree = try await TreeBuilder(opening: head.tree, in: store)
        composedTree = try await TreeBuilder(opening: composed, in: store)
        readers = (TreeReader(head.tree, in: store), TreeReader(composed, in: store))
    }

    func edit(at path: Path) async throws(DeployError) -> ThreeWayEntry {
        ThreeWayEntry(
            base: try await common.file(at: path),
            source: try await readers.composed.node(at: path)?.file,
            space: try await readers.space.node(at: path)?.file)
    }

    /// Returns the edits on the Space that a deploy would undo, sorted by path, except at the Space's
    /// own paths (`keep`).
    /// - Parameter isRecorded: whether an earlier deploy preserved a part of the file, so that it is
    ///   compared again.
    func openEdits(
        except preserved: [Path], _ isRecorded: (Path) -> Bool
    ) async throws(DeployError) -> [(path: Path, edit: ThreeWayEntry)] {
        var edits: [(path: Path, edit: ThreeWayEntry)] = []
        let paths = try await common.candidatePaths(under: spaceTree, head.tree).sorted().filter { path in
            !preserved.contains { $0.contains(path) }
        }
        let sides = (
            base: try await common.files(at: paths),
            composed: try await composedTree.files(at: paths, in: store),
            space: try await spaceTree.files(at: paths, in: store)
        )
        for path in paths {
            let edit = ThreeWayEntry(
                base: sides.base[path], source: sides.composed[path], space: sides.space[path])
            let isReadme = path == "README.md" && isRecorded(path) && edit.source != edit.space
            if edit.isOpen || isReadme { edits.append((path, edit)) }
        }
        guard let findKnownPaths, !edits.isEmpty else { return edits }
        let knownPaths = try await findKnownPaths(
            Dictionary(edits.map { ($0.path, $0.edit) }) { first, _ in first })
        return edits.filter { !knownPaths.contains($0.path) }
    }
}
