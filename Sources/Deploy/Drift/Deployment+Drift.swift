import DeploySettings
import SpacesModel

extension Deployment where Store: BinaryPatching {
    /// What the Space's side changed since the last deploy; sends nothing.
    /// - Parameter tell: gets each path, in order.
    package func drift(
        withPatch: Bool, _ tell: @Sendable (DriftEntry) async throws(Failure) -> Void
    ) async -> Report {
        await reporting { (report) async throws(Failure) in
            say(.step("Reading the source"))
            let snapshot = try await source.snapshot(of: target.revision).reading(from: carrier)
                .adding(target.adds, from: source, to: store)
            (report.sourceCommit, report.outcome) = (snapshot.commit.id, .planned)
            snapshot.tell(say)
            let state = try await space.state(of: target.spaceBranch)
            say(.read(source: snapshot.commit.id, spaceHead: state.head?.id))
            try await store.checkSize(of: snapshot.commit.tree, snapshot.repository)
            try await checkSize(of: state)
            guard let head = state.head else { return say(.detail("\(target.space) holds no commit yet")) }
            report.commit = head.id
            let ground = try await driftGround(head, snapshot)
            let merger = merger(snapshot, ground.since)
            let entries = try await entries(on: ground, merger, withPatch)
            let places = try await SourcePlaces(target, in: snapshot, store: store)
            let way = WayHome(
                ground: ground, places: places, store: store, merger: merger, isPatch: withPatch
            ) { [carrier] (file) async throws(Failure) in try await carrier.content(of: file, of: snapshot) }
            let told = try await way.settled(entries)
            for entry in told { try await tell(entry) }
            tellCount(told, ground)
            guard !told.isEmpty else { return }
            let hasPatch = try await withPatch ? told.contains(where: \.hasPatch) : way.hasPatch(of: entries)
            tellWayHome(told, snapshot.branch, withPatch, hasPatch)
        }
    }

    private func tellCount(_ entries: [DriftEntry], _ ground: DriftGround<Store>) {
        let since =
            ground.since.map { "since \($0.id.short) (\($0.shownSubject))" } ?? "that no deploy put there"
        guard !entries.isEmpty else { return say(.detail("\(target.space) holds no change \(since)")) }
        say(.detail("\(entries.count == 1 ? "1 change" : "\(entries.count) changes") \(since)"))
    }

    private func tellWayHome(
        _ entries: [DriftEntry], _ branch: String?, _ withPatch: Bool, _ hasPatch: Bool
    ) {
        guard hasPatch else {
            if withPatch { say(.detail("none of them can be applied to the source as a patch")) }
            return say(.detail("to see or save them: git clone the Space; to leave them to it: keep = PATH"))
        }
        guard !withPatch else { return }
        let place = branch.map { ", on \($0)" } ?? ""
        let apply = entries.contains(where: \.isChangedInSource) ? "git apply -3" : "git apply"
        let line = "spacesync drift \(target.space) --patch | \(apply)"
        say(.detail("to bring them home, at the top of the source\(place): \(line)"))
    }

    private func driftGround(_ head: Commit, _ snapshot: Snapshot) async throws(Failure) -> DriftGround<Store>
    {
        guard !target.sendsHistory else { return try await historyGround(head, snapshot) }
        let past = try await past(of: SpaceState(head: head))
        var composed = past.lastDeploy?.tree ?? snapshot.commit.tree
        do throws(Failure) { composed = try await composedTree(snapshot, over: head, past) } catch {
            say(
                .warning(
                    "a push would end early, so what the source has of this already is not told: \(error.message)"
                ))
        }
        var ground = try await DriftGround(
            head: head, since: past.base(for: snapshot), composed: composed, in: store)
        if past.isFirstContact { ground.known = firstContact(snapshot, head) }
        return ground
    }

    /// What a push would send, were nothing to be kept of theirs.
    private func composedTree(
        _ snapshot: Snapshot, over head: Commit, _ past: SpacePast
    ) async throws(Failure) -> ObjectID {
        var composer = Composer(
            target, snapshot, store: store, space: head.tree, completing: past.completedKeys,
            on: try await baseImage(past)
        ) { [space] (blobs) async throws(Failure) in try await space.bring(blobs) }
        var nobody: Reconciler<Store>?
        return try await composer.compose(&nobody).tree
    }

    private func historyGround(_ head: Commit, _ snapshot: Snapshot) async throws(Failure) -> DriftGround<
        Store
    > {
        try await source.bringHistory(of: snapshot.commit.id)
        let isPristine = try await isPristine(head)
        let ground = try await ground(of: head, under: snapshot.commit, isPristine: isPristine)
        var since = ground.strangers.isEmpty ? head : nil
        if let base = ground.bases.first { since = try await store.commit(base) }
        return try await DriftGround(head: head, since: since, composed: snapshot.commit.tree, in: store)
    }

    /// Without paths that are the Space's own, and without what the source has already. What is read of the Space comes
    /// in one request.
    private func entries(
        on ground: DriftGround<Store>, _ merger: EditMerger, _ withPatch: Bool
    ) async throws(Failure) -> [DriftEntry] {
        var edits: [(path: Path, edit: ThreeWay)] = []
        let records = ground.common.records
        let open = try await ground.openEdits(except: try await keptPlaces(ground)) { records[$0] != nil }
        for (path, edit) in open {
            if ground.since != nil, try await merger.addsLargeFilesOnly(edit, at: path) { continue }
            edits.append((path, edit))
        }
        let isKnown = ground.since != nil
        let read = edits.filter { withPatch || (isKnown && $0.edit.isChangedInSource) }
        try await space.bring(read.compactMap { $0.edit.space?.blob })
        var entries: [DriftEntry] = []
        for (path, edit) in edits {
            var entry = DriftEntry(path: path, kind: edit.kind)
            entry.isMerged = ground.common.records[path] != nil
            entry.isChangedInSource = isKnown && edit.isChangedInSource
            if !isKnown, edit.source != nil { entry.kind = .updated }
            if path == "README.md", isKnown,
                let readme = try await merger.compareReadme(edit, on: ground.common)
            {
                entry.isChangedInSource = readme.open.contains(where: \.isChangedInSource)
                if !readme.open.isEmpty { entries.append(entry) }
                continue
            }
            if entry.isChangedInSource, try await merger.outcome(of: edit, at: path) == .held { continue }
            entries.append(entry)
        }
        return entries
    }

    private func keptPlaces(_ ground: DriftGround<Store>) async throws(Failure) -> [Path] {
        guard !target.keep.isEmpty else { return [] }
        var kept = KeptPaths(target.keep)
        for tree in [ground.head.tree, ground.common.tree].compactMap({ $0 }) {
            try await kept.collect(try await TreeDraft(opening: tree, in: store), at: .root, in: store)
        }
        return kept.nodes.map(\.path)
    }
}

extension FileMark {
    /// nil for a submodule.
    var blob: ObjectID? { kind.isBlob ? id : nil }
}
