import DeploySettings
import DockerfileTemplates
import SpacesModel

extension Deployer {
    /// Verifies that a push with a saved plan sends exactly what was planned.
    /// - Throws: kind `blocked`, with all differences.
    func verifySavedPlan(
        _ record: SavedPlan?, _ snapshot: SourceSnapshot, _ state: SpaceHead, _ image: BaseImage?
    ) async throws(DeployError) {
        guard let expected = options.expectedPlan, var current = record else { return }
        if expected.spaceHead == nil, state.isPristine {
            // The initial commit that the Hub puts into a new Space is not a change; all other files
            // must be as planned.
            current = try await savedPlanForNewSpace(snapshot, image, current)
        }
        let differences = expected.differences(from: current)
        guard !differences.isEmpty else { return }
        throw DeployError(
            .blocked, "the plan for \(target.space) is no longer true: nothing was pushed",
            details: differences, hint: "plan again: spacesync plan \(target.space) --out FILE")
    }

    /// Returns the saved plan as it would be if the Space did not exist.
    private func savedPlanForNewSpace(_ snapshot: SourceSnapshot, _ image: BaseImage?, _ current: SavedPlan)
        async throws(DeployError) -> SavedPlan
    {
        if target.pushesHistory { return current.forNewSpace }
        var composer = TreeComposer(target, snapshot, store: store, space: nil, on: image) {
            (_) async throws(DeployError) in
        }
        var noReconciler: DriftReconciler<Store>?
        let composition = try await composer.compose(&noReconciler)
        return SavedPlan(target, snapshot, SpaceHead(head: nil), composition)
    }
}

extension SavedPlan {
    /// The same plan for a Space that does not exist.
    fileprivate var forNewSpace: SavedPlan {
        var plan = self
        plan.spaceHead = nil
        return plan
    }
}
