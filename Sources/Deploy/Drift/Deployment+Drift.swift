/// What the Space's side changed is set beside these.
private struct DriftGround: Sendable {
    var head: Commit
    /// What the Space held when it was last ours; nil: it never was.
    var base: ObjectID?
    /// The deploy or commit that was it.
    var since: Commit?
    /// What a push would send now.
    var composed: ObjectID
    var merged: [MergedPaths.Record] = []
}

extension Deployment where Store: BinaryPatching {
    /// What the Space's side changed since the last deploy; sends nothing.
    /// - Parameter tell: gets each path, in order.
    package func drift(
        withPatch: Bool, _ tell: @Sendable (DriftEntry) async throws(Failure) -> Void
    ) async -> Report {
        await reporting { (report) async throws(Failure) in
            say(.step("Reading the source"))
            let snapshot = try await source.snapshot(of: target.revision)
                .adding(target.adds, from: source, to: store)
            (report.sourceCommit, report.outcome) = (snapshot.commit.id, .planned)
            snapshot.tell(say)
            let state = try await space.state(of: target.spaceBranch)
            say(.read(source: snapshot.commit.id, spaceHead: state.head?.id))
            guard let head = state.head else { return say(.detail("\(target.space) holds no commit yet")) }
            report.commit = head.id
            let ground = try await driftGround(head, snapshot)
            var entries = try await entries(on: ground)
            if withPatch { try await bringContents(of: entries, ground) }
            let places = try await SourcePlaces(target, in: snapshot, store: store)
            var homes: [Path: ObjectID?] = [:]
            for index in entries.indices {
                try await settle(&entries[index], on: ground, places, withPatch, &homes)
                try await tell(entries[index])
            }
            tellCount(entries.count, ground, withPatch)
        }
    }

    private func tellCount(_ count: Int, _ ground: DriftGround, _ withPatch: Bool) {
        let since = ground.since.map { "since \($0.id.short) (\($0.subject))" } ?? "that no deploy put there"
        guard count > 0 else { return say(.detail("\(target.space) holds no change \(since)")) }
        say(.detail("\(count == 1 ? "1 change" : "\(count) changes") \(since)"))
        guard !withPatch else { return }
        say(
            .detail(
                "to bring them home, at the top of the source: spacesync drift \(target.space) --patch | git apply"
            ))
    }

    private func driftGround(_ head: Commit, _ snapshot: Snapshot) async throws(Failure) -> DriftGround {
        guard !target.sendsHistory else { return try await historyGround(head, snapshot) }
        let past = try await past(of: SpaceState(head: head))
        var composed = past.lastDeploy?.tree ?? snapshot.commit.tree
        do throws(Failure) { composed = try await composedTree(snapshot, over: head, past) } catch {
            say(
                .warning(
                    "a push would end early, so what the source has of this already is not told: \(error.message)"
                ))
        }
        return DriftGround(
            head: head, base: past.lastDeploy?.tree, since: past.lastDeploy, composed: composed,
            merged: past.lastDeploy.map { MergedPaths(of: $0).records } ?? [])
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

    private func historyGround(_ head: Commit, _ snapshot: Snapshot) async throws(Failure) -> DriftGround {
        try await source.bringHistory(of: snapshot.commit.id)
        let ground = try await ground(of: head, under: snapshot.commit)
        var since = ground.strangers.isEmpty ? head : nil
        if let base = ground.bases.first { since = try await store.commit(base) }
        return DriftGround(head: head, base: since?.tree, since: since, composed: snapshot.commit.tree)
    }

    /// Without paths that are the Space's own, and without what the source has already.
    private func entries(on ground: DriftGround) async throws(Failure) -> [DriftEntry] {
        let changes = try await TreeChanges(from: ground.base, to: ground.head.tree, in: store)
        let kept = try await keptPlaces(ground)
        let theirs = try await TreeDraft(opening: ground.head.tree, in: store)
        let composed = try await TreeDraft(opening: ground.composed, in: store)
        var entries: [DriftEntry] = []
        for file in changes.files where !kept.contains(where: { $0.contains(file.path) }) {
            let mine = try await composed.node(at: file.path, in: store)
            let isHome = mine?.file == (try await theirs.node(at: file.path, in: store))?.file
            guard !isHome else { continue }
            let kind = ground.base == nil && mine != nil ? Change.Kind.updated : file.kind
            entries.append(DriftEntry(path: file.path, kind: kind))
        }
        for record in ground.merged where !entries.contains(where: { $0.path == record.path }) {
            let mine = try await composed.node(at: record.path, in: store)?.file
            let now = try await theirs.node(at: record.path, in: store)?.file
            guard mine != now else { continue }
            var entry = DriftEntry(
                path: record.path, kind: now == nil ? .removed : mine == nil ? .added : .updated)
            entry.isMerged = true
            entries.append(entry)
        }
        return entries.sorted { $0.path < $1.path }
    }

    private func keptPlaces(_ ground: DriftGround) async throws(Failure) -> [Path] {
        guard !target.keep.isEmpty else { return [] }
        var kept = KeptPaths(target.keep)
        for tree in [ground.head.tree, ground.base].compactMap({ $0 }) {
            try await kept.collect(try await TreeDraft(opening: tree, in: store), at: .root, in: store)
        }
        return kept.nodes.map(\.path)
    }

    /// In one request, as far as it is on the Space.
    private func bringContents(of entries: [DriftEntry], _ ground: DriftGround) async throws(Failure) {
        let theirs = try await TreeDraft(opening: ground.head.tree, in: store)
        var blobs: [ObjectID] = []
        for entry in entries {
            if let blob = try await theirs.node(at: entry.path, in: store)?.blob { blobs.append(blob) }
        }
        try await space.bring(blobs)
    }

    private func settle(
        _ entry: inout DriftEntry, on ground: DriftGround, _ places: SourcePlaces<Store>, _ withPatch: Bool,
        _ homes: inout [Path: ObjectID?]
    ) async throws(Failure) {
        let origin = try await places.origin(of: entry.path)
        entry.home = origin
        if origin == nil, entry.kind == .added || entry.path == "README.md" {
            entry.home = try await places.home(for: entry.path)
        }
        guard withPatch || entry.path == "README.md" else { return tellHomeless(&entry) }
        let mine = try await origin.asyncFlatMap { (place) async throws(Failure) in
            try await places.entry(at: place).asyncFlatMap(side)
        }
        let theirs = try await side(of: entry.path, in: ground.head.tree)
        let base = entry.isMerged ? mine : try await side(of: entry.path, in: ground.base ?? ground.composed)
        var change = FilePatch(path: entry.home ?? entry.path, old: base, new: theirs)
        if entry.path == "README.md", let base {
            let back = ReadmeReturn(source: mine?.content, base: base.content, space: theirs?.content)
            (entry.keys, entry.notes) = (back.keys, back.notes)
            let new = back.result.map { content in
                FilePatch.Side(kind: theirs?.kind ?? .file, id: .zero, content: content)
            }
            change = FilePatch(path: change.path, old: mine, new: try await named(new))
        }
        tellHomeless(&entry)
        guard withPatch, let home = entry.home, change.old != change.new else { return }
        if base == nil, mine != nil {
            return entry.notes.append("the source has another file at \(home): not in the patch")
        }
        if let other = homes[home] {
            if other != change.new?.id {
                entry.notes.append("\(home) stands behind another path too, which differs")
            }
            return
        }
        homes[home] = .some(change.new?.id)
        if mine != nil, mine?.id != change.old?.id {
            entry.notes.append("\(home) was changed in the source too: git apply -3")
        }
        entry.patch = try await text(of: change)
    }

    private func tellHomeless(_ entry: inout DriftEntry) {
        guard entry.home == nil else { return }
        entry.notes.append(
            entry.kind == .added
                ? "no path of the source is deployed to it (include, exclude, map), so no patch brings it home"
                : "no file of the source stands behind it, so no patch brings it home")
    }

    private func text(of change: FilePatch) async throws(Failure) -> [UInt8] {
        var text: [UInt8] = []
        for part in change.parts {
            let isBinary = part.isBinary && part.old?.id != part.new?.id
            let binary =
                isBinary
                ? try await store.binaryPatch(from: part.old?.content ?? [], to: part.new?.content ?? [])
                : nil
            text += part.text(binary: binary)
        }
        return text
    }

    private func side(of path: Path, in tree: ObjectID) async throws(Failure) -> FilePatch.Side? {
        let node = try await TreeDraft(opening: tree, in: store).node(at: path, in: store)
        guard case .entry(let kind, let id) = node, kind.isBlob else { return nil }
        return try await side(TreeEntry(name: path.name, kind: kind, id: id))
    }

    private func side(_ entry: TreeEntry) async throws(Failure) -> FilePatch.Side? {
        guard entry.kind.isBlob else { return nil }
        if await !store.holds(entry.id) { try await space.bring([entry.id]) }
        return FilePatch.Side(kind: entry.kind, id: entry.id, content: try await store.content(of: entry.id))
    }

    /// With the id that its content has.
    private func named(_ side: FilePatch.Side?) async throws(Failure) -> FilePatch.Side? {
        guard var side else { return nil }
        side.id = try await store.write(blob: side.content)
        return side
    }
}

extension Optional {
    fileprivate func asyncFlatMap<Result>(
        _ transform: (Wrapped) async throws(Failure) -> Result?
    ) async throws(Failure) -> Result? {
        if let self { try await transform(self) } else { nil }
    }
}
