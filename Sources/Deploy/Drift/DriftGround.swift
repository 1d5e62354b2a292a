/// What the Space's side changed is set beside these.
struct DriftGround<Store: ObjectStoring>: Sendable {
    let head: Commit
    /// The deploy or commit that both last had in common; nil: there is none.
    let since: Commit?
    /// What a push would send now.
    let composed: ObjectID
    let common: CommonGround<Store>
    private let theirs: TreeDraft
    private let mine: TreeDraft
    private let store: Store

    init(head: Commit, since: Commit?, composed: ObjectID, in store: Store) async throws(Failure) {
        (self.head, self.since, self.composed, self.store) = (head, since, composed, store)
        common = try await CommonGround(since, in: store)
        theirs = try await TreeDraft(opening: head.tree, in: store)
        mine = try await TreeDraft(opening: composed, in: store)
    }

    func edit(at path: Path) async throws(Failure) -> ThreeWay {
        ThreeWay(
            base: try await common.file(at: path),
            source: try await mine.node(at: path, in: store)?.file,
            space: try await theirs.node(at: path, in: store)?.file)
    }

    /// Where the Space has what a deploy would undo, in order, but for what is its own (`keep`).
    func places(except kept: [Path]) async throws(Failure) -> [Path] {
        try await common.places(under: theirs, head.tree).sorted().filter { path in
            !kept.contains { $0.contains(path) }
        }
    }
}
