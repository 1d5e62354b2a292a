import DeploySettings
import DockerfileTemplates
import SpacesModel

extension Deployer {
    /// A push by a plan sends what was planned, or nothing.
    /// - Throws: kind `guarded`, naming all that moved.
    func verifySavedPlan(
        _ record: SavedPlan?, _ snapshot: SourceSnapshot, _ state: SpaceHead, _ image: BaseImage?
    ) async throws(DeployError) {
        guard let promise = options.expectedPlan, var now = record else { return }
        if promise.spaceHead == nil, state.isPristine {
            // What the Hub puts into a new Space is no move of anybody's; the rest of the tree has to be as planned.
            now = try await savedPlanForNewSpace(snapshot, image, now)
        }
        let differences = promise.differences(from: now)
        guard !differences.isEmpty else { return }
        throw DeployError(
            .blocked, "the plan for \(target.space) is no longer true: nothing was pushed",
            details: differences, hint: "plan again: spacesync plan \(target.space) --out FILE")
    }

    /// The record of a plan for a Space that is not there.
    private func savedPlanForNewSpace(_ snapshot: SourceSnapshot, _ image: BaseImage?, _ now: SavedPlan)
        async throws(DeployError) -> SavedPlan
    {
        if target.pushesHistory { return now.forNewSpace }
        var composer = TreeComposer(target, snapshot, store: store, space: nil, on: image) {
            (_) async throws(DeployError) in
        }
        var nobody: DriftReconciler<Store>?
        let composition = try await composer.compose(&nobody)
        return SavedPlan(target, snapshot, SpaceHead(head: nil), composition)
    }
}

extension SavedPlan {
    /// The same for a Space that is not there.
    fileprivate var forNewSpace: SavedPlan {
        var record = self
        record.spaceHead = nil
        return record
    }
}
