extension Deployment {
    /// A push by a plan sends what was planned, or nothing.
    /// - Throws: kind `guarded`, naming all that moved.
    func keepPromise(
        _ record: PlanRecord?, _ snapshot: Snapshot, _ state: SpaceState, _ composition: inout Composition
    ) async throws(Failure) {
        guard let promise = options.promise, let record else { return }
        if let fresh = try await ontoFresh(promise, snapshot, state) { return composition = fresh }
        try keep(promise, record)
    }

    func keep(_ promise: PlanRecord, _ now: PlanRecord) throws(Failure) {
        let differences = promise.differences(from: now)
        guard !differences.isEmpty else { return }
        throw Failure(
            .guarded, "the plan for \(target.space) is no longer true: nothing was pushed",
            details: differences, hint: "plan again: spacesync plan \(target.space) --out FILE")
    }

    /// For a Space that was not there when the plan was made, and holds only what the Hub puts into a new one: the
    /// planned tree, with the Hub's own .gitattributes where it has none. nil when this is not the case.
    private func ontoFresh(
        _ promise: PlanRecord, _ snapshot: Snapshot, _ state: SpaceState
    ) async throws(Failure) -> Composition? {
        guard promise.spaceHead == nil, let head = state.head, head.parents.isEmpty else { return nil }
        let theirs = try await TreeDraft(opening: head.tree, in: store)
        guard theirs.nodes.keys.allSatisfy({ ["README.md", ".gitattributes"].contains($0) }) else {
            return nil
        }
        var composer = Composer(target, snapshot, store: store, space: nil) { (_) async throws(Failure) in }
        var nobody: Reconciler<Store>?
        var composition = try await composer.compose(&nobody)
        let now = PlanRecord(target, snapshot, SpaceState(head: nil), composition)
        guard promise.differences(from: now).isEmpty else { return nil }
        var draft = try await TreeDraft(opening: composition.tree, in: store)
        if draft[".gitattributes"] == nil { draft[".gitattributes"] = theirs[".gitattributes"] }
        composition.tree = try await draft.write(to: store) ?? composition.tree
        composition.objects = try await TreeChanges(from: head.tree, to: composition.tree, in: store).objects
        return composition
    }
}
