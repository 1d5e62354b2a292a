/// What was taken back is left alone until the source moves: hook, mirror and push would put it there again.
extension Deployment {
    /// A push that has nothing to do, as the Space went back from this commit of the source; nil where it did not.
    /// - Parameter last: the last deploy.
    func heldBack(
        _ snapshot: Snapshot, _ state: SpaceState, after last: Commit?, composed tree: ObjectID? = nil
    ) async throws(Failure) -> Prepared? {
        guard let head = state.head, let last, !options.forced.contains(.rollback), options.promise == nil,
            try await isTakenBack(snapshot, by: last, composed: tree)
        else { return nil }
        let age = last.committed.map { ", \(Duration.seconds(max(0, options.now() - $0)).ago)" } ?? ""
        let again = options.isPlan ? ", or by spacesync push \(target.space) --force=rollback" : ""
        say(
            .detail(
                "\(snapshot.commit.id.short) was rolled back (\(last.id.short)\(age)): it is deployed again when the "
                    + "source moves\(again)"))
        let composition = Composition(
            tree: head.tree, objects: [], plan: Plan(changes: []), findings: [])
        return Prepared(snapshot: snapshot, state: state, composition: composition)
    }

    func hold(_ prepared: Prepared, _ report: inout Report) -> Prepared {
        report.plan = prepared.composition.plan
        report.isHeldBack = true
        report.guards = [.rollback]
        // For those who hear the result alone, too.
        let source = prepared.snapshot.commit.id.short
        report.hint =
            "\(source) was rolled back; spacesync push \(target.space) --force=rollback deploys it again"
        say(.planned(prepared.composition.plan))
        return prepared
    }

    /// - Parameter tree: what would be pushed, once that is known: it tells where no commit does (`trace = none`).
    private func isTakenBack(
        _ snapshot: Snapshot, by last: Commit, composed tree: ObjectID?
    ) async throws(Failure) -> Bool {
        let back = Trailers(of: last.message).takenBack
        guard let tree else { return back.contains(snapshot.commit.id) }
        guard target.trace == "none" else { return false }
        for commit in back {
            try await space.bringTrees(of: commit)
            if try await store.commit(commit).tree == tree { return true }
        }
        return false
    }
}
