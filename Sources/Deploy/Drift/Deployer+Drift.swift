import DeploySettings
import SpacesModel

extension Deployer {
    /// What the Space's side changed since the last deploy; sends nothing.
    /// - Parameter tell: gets each path, in order.
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
            let ground = try await loadDriftBaseline(head, snapshot)
            let merger = merger(snapshot, ground.since)
            let entries = try await driftedFiles(on: ground, merger, withPatch)
            let places = try await SourcePathResolver(target, in: snapshot, store: store)
            let way = DriftPatchBuilder(
                baseline: ground, pathResolver: places, store: store, merger: merger, buildsPatch: withPatch
            ) { [lfsTransfer] (file) async throws(DeployError) in
                try await lfsTransfer.content(of: file, of: snapshot)
            }
            let told = try await way.addingPatches(entries)
            for entry in told { try await onDriftedFile(entry) }
            logDriftCount(told, ground)
            guard !told.isEmpty else { return }
            let hasPatch = try await withPatch ? told.contains(where: \.hasPatch) : way.hasPatch(of: entries)
            logPatchHint(told, snapshot.branch, withPatch, hasPatch)
        }
    }

    private func logDriftCount(_ entries: [DriftedFile], _ baseline: DriftBaseline<Store>) {
        let since =
            baseline.since.map { "since \($0.id.short) (\($0.shownSubject))" } ?? "that no deploy put there"
        guard !entries.isEmpty else { return emit(.detail("\(target.space) holds no change \(since)")) }
        emit(.detail("\(entries.count == 1 ? "1 change" : "\(entries.count) changes") \(since)"))
    }

    private func logPatchHint(
        _ entries: [DriftedFile], _ branch: String?, _ withPatch: Bool, _ hasPatch: Bool
    ) {
        guard hasPatch else {
            if withPatch { emit(.detail("none of them can be applied to the source as a patch")) }
            return emit(.detail("to see or save them: git clone the Space; to leave them to it: keep = PATH"))
        }
        guard !withPatch else { return }
        let place = branch.map { ", on \($0)" } ?? ""
        let apply = entries.contains(where: \.isChangedInSource) ? "git apply -3" : "git apply"
        let line = "spacesync drift \(target.space) --patch | \(apply)"
        emit(.detail("to bring them home, at the top of the source\(place): \(line)"))
    }

    private func loadDriftBaseline(_ head: Commit, _ snapshot: SourceSnapshot) async throws(DeployError)
        -> DriftBaseline<Store>
    {
        guard !target.pushesHistory else { return try await loadHistoryDriftBaseline(head, snapshot) }
        let past = try await loadBaseline(of: SpaceHead(head: head))
        var composed = past.lastDeploy?.tree ?? snapshot.commit.tree
        do throws(DeployError) { composed = try await composedTree(snapshot, over: head, past) } catch {
            emit(
                .warning(
                    "a push would end early, so what the source has of this already is not told: \(error.message)"
                ))
        }
        var ground = try await DriftBaseline(
            head: head, since: past.base(for: snapshot), composed: composed, in: store)
        if past.isAdoption { ground.findKnownPaths = makeAdoptionCheck(snapshot, head) }
        return ground
    }

    /// What a push would send, were nothing to be kept of theirs.
    private func composedTree(
        _ snapshot: SourceSnapshot, over head: Commit, _ baseline: DeployBaseline
    ) async throws(DeployError) -> ObjectID {
        var composer = TreeComposer(
            target, snapshot, store: store, space: head.tree, completing: baseline.completedKeys,
            on: try await resolveBaseImage(baseline)
        ) { [space] (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) }
        var nobody: DriftReconciler<Store>?
        return try await composer.compose(&nobody).tree
    }

    private func loadHistoryDriftBaseline(_ head: Commit, _ snapshot: SourceSnapshot)
        async throws(DeployError) -> DriftBaseline<
            Store
        >
    {
        try await source.fetchHistory(of: snapshot.commit.id)
        let isPristine = try await isPristine(head)
        let ground = try await findHistoryRelation(of: head, under: snapshot.commit, isPristine: isPristine)
        var since = ground.spaceOnlyCommits.isEmpty ? head : nil
        if let base = ground.bases.first { since = try await store.commit(base) }
        return try await DriftBaseline(head: head, since: since, composed: snapshot.commit.tree, in: store)
    }

    /// Without paths that are the Space's own, and without what the source has already. What is read of the Space comes
    /// in one request.
    private func driftedFiles(
        on baseline: DriftBaseline<Store>, _ merger: ThreeWayMerger, _ withPatch: Bool
    ) async throws(DeployError) -> [DriftedFile] {
        var edits: [(path: Path, edit: ThreeWayEntry)] = []
        let records = baseline.common.records
        let open = try await baseline.openEdits(except: try await preservedPaths(baseline)) {
            records[$0] != nil
        }
        for (path, edit) in open {
            if baseline.since != nil, try await merger.addsLargeFilesOnly(edit, at: path) { continue }
            edits.append((path, edit))
        }
        let isKnown = baseline.since != nil
        let read = edits.filter { withPatch || (isKnown && $0.edit.isChangedInSource) }
        try await space.fetchBlobs(read.compactMap { $0.edit.space?.blob })
        var entries: [DriftedFile] = []
        for (path, edit) in edits {
            var entry = DriftedFile(path: path, kind: edit.kind)
            entry.isMerged = baseline.common.records[path] != nil
            entry.isChangedInSource = isKnown && edit.isChangedInSource
            if !isKnown, edit.source != nil { entry.kind = .updated }
            if path == "README.md", isKnown,
                let readme = try await merger.compareReadme(edit, on: baseline.common)
            {
                entry.isChangedInSource = readme.openEdits.contains(where: \.isChangedInSource)
                if !readme.openEdits.isEmpty { entries.append(entry) }
                continue
            }
            if entry.isChangedInSource, try await merger.outcome(of: edit, at: path) == .alreadyApplied {
                continue
            }
            entries.append(entry)
        }
        return entries
    }

    private func preservedPaths(_ baseline: DriftBaseline<Store>) async throws(DeployError) -> [Path] {
        guard !target.keep.isEmpty else { return [] }
        var kept = PreservedPaths(target.keep)
        for tree in [baseline.head.tree, baseline.common.tree].compactMap({ $0 }) {
            try await kept.collect(try await TreeBuilder(opening: tree, in: store), at: .root, in: store)
        }
        return kept.nodes.map(\.path)
    }
}

extension BlobVersion {
    /// nil for a submodule.
    var blob: ObjectID? { kind.isBlob ? id : nil }
}
