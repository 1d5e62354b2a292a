/// Sets what a deploy composed beside what the Space holds: what somebody changed there is kept, shown or gone over, as
/// `drift` says (design 4.6).
struct Reconciler<Store: ObjectStoring>: Sendable {
    let mode: String
    let store: Store
    /// The Space's head.
    let head: Commit
    /// The last deploy at or below the head; nil: no deploy was here before.
    let lastDeploy: Commit?

    private(set) var merged = MergedPaths()
    private(set) var drift: [TreeChanges.File] = []
    /// Of these, what the source changed as well.
    private(set) var changedTwice: Set<Path> = []
    private(set) var conflicts: [Path] = []

    init(mode: String, store: Store, head: Commit, lastDeploy: Commit?) {
        (self.mode, self.store) = (mode, store)
        (self.head, self.lastDeploy) = (head, lastDeploy)
    }

    /// Puts the Space's own edits into the draft where they are to stay, and notes those that it would undo.
    mutating func reconcile(_ draft: inout TreeDraft) async throws(Failure) {
        let theirs = try await TreeDraft(opening: head.tree, in: store)
        if mode != "overwrite", let lastDeploy {
            try await goOnKeeping(MergedPaths(of: lastDeploy), from: theirs, in: &draft)
        }
        guard lastDeploy?.id != head.id else { return }
        let changes = try await TreeChanges(from: lastDeploy?.tree, to: head.tree, in: store)
        let base = try await opened(lastDeploy?.tree)
        for file in changes.files { try await settle(file, theirs, base, &draft) }
    }

    private func opened(_ tree: ObjectID?) async throws(Failure) -> TreeDraft {
        if let tree { try await TreeDraft(opening: tree, in: store) } else { TreeDraft() }
    }

    private mutating func goOnKeeping(
        _ earlier: MergedPaths, from theirs: TreeDraft, in draft: inout TreeDraft
    ) async throws(Failure) {
        for record in earlier.records {
            let composed = try await draft.node(at: record.path, in: store)
            let kept = try await theirs.node(at: record.path, in: store)
            // The source has it by now: there is nothing left to keep.
            guard composed?.file != kept?.file else { continue }
            guard composed?.blob == record.source else {
                conflicts.append(record.path)
                continue
            }
            try await draft.put(kept, at: record.path, in: store)
            merged.records.append(record)
        }
    }

    /// One path that somebody changed on the Space since the last deploy.
    private mutating func settle(
        _ file: TreeChanges.File, _ theirs: TreeDraft, _ base: TreeDraft, _ draft: inout TreeDraft
    ) async throws(Failure) {
        let composed = try await draft.node(at: file.path, in: store)
        let now = try await theirs.node(at: file.path, in: store)
        guard composed?.file != now?.file else { return }
        drift.append(file)
        let before = try await base.node(at: file.path, in: store)
        let isOnlyTheirs = lastDeploy != nil && composed?.file == before?.file
        if lastDeploy != nil, !isOnlyTheirs { changedTwice.insert(file.path) }
        guard mode == "merge" else { return }
        guard isOnlyTheirs else {
            return conflicts.append(file.path)
        }
        try await draft.put(now, at: file.path, in: store)
        merged.records.append(MergedPaths.Record(path: file.path, source: composed?.blob))
    }

    /// What stands against the deploy; nil when nothing does, or `drift` says to go over it.
    func objection(_ space: SpaceID) -> Objection? {
        guard mode != "overwrite" else { return nil }
        if !conflicts.isEmpty { return conflict(space) }
        guard mode == "refuse", !drift.isEmpty else { return nil }
        let known = lastDeploy.map { "since the last deploy (\($0.id.short))" } ?? "that no deploy put there"
        return Objection(
            guardName: .drift, message: "\(space) holds \(count) \(known), which this deploy would undo",
            details: lines,
            hints: [
                "to keep them: spacesync push \(space) --drift merge",
                "or name them: keep = PATH; to look at them: spacesync drift \(space)",
                "to bring them home: spacesync drift \(space) --patch | git apply",
            ])
    }

    private func conflict(_ space: SpaceID) -> Objection {
        Objection(
            guardName: .drift, message: "both the source and \(space) changed the same files",
            details: conflicts.sorted().map { "! \($0)" },
            hints: ["bring the Space's version into the source, or keep = PATH"])
    }

    private var count: String { drift.count == 1 ? "1 change" : "\(drift.count) changes" }

    private var lines: [String] {
        let signs: [Change.Kind: String] = [.added: "+", .updated: "~", .removed: "-"]
        let shown = drift.prefix(20).map { "\(signs[$0.kind] ?? "~") \($0.path)" }
        return shown + (drift.count > shown.count ? ["… and \(drift.count - shown.count) more"] : [])
    }
}

extension TreeDraft.Node {
    /// What tells two files apart, modes too; a directory that was opened has none, and counts as no file.
    var file: FileMark? {
        if case .entry(let kind, let id) = self, kind != .tree { FileMark(kind: kind, id: id) } else { nil }
    }
}

/// A file without its name.
struct FileMark: Hashable, Sendable {
    var kind: EntryKind
    var id: ObjectID
}
