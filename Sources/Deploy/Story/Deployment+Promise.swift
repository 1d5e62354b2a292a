import DeploySettings
import DockerfileTemplates
import SpacesModel

extension Deployment {
    /// A push by a plan sends what was planned, or nothing.
    /// - Throws: kind `guarded`, naming all that moved.
    func keepPromise(
        _ record: PlanRecord?, _ snapshot: Snapshot, _ state: SpaceState, _ image: BaseImage?
    ) async throws(Failure) {
        guard let promise = options.promise, var now = record else { return }
        if promise.spaceHead == nil, state.isPristine {
            // What the Hub puts into a new Space is no move of anybody's; the rest of the tree has to be as planned.
            now = try await recordOfNew(snapshot, image, now)
        }
        let differences = promise.differences(from: now)
        guard !differences.isEmpty else { return }
        throw Failure(
            .guarded, "the plan for \(target.space) is no longer true: nothing was pushed",
            details: differences, hint: "plan again: spacesync plan \(target.space) --out FILE")
    }

    /// The record of a plan for a Space that is not there.
    private func recordOfNew(_ snapshot: Snapshot, _ image: BaseImage?, _ now: PlanRecord)
        async throws(Failure) -> PlanRecord
    {
        if target.sendsHistory { return now.onNothing }
        var composer = Composer(target, snapshot, store: store, space: nil, on: image) {
            (_) async throws(Failure) in
        }
        var nobody: Reconciler<Store>?
        let composition = try await composer.compose(&nobody)
        return PlanRecord(target, snapshot, SpaceState(head: nil), composition)
    }
}

extension PlanRecord {
    /// The same for a Space that is not there.
    fileprivate var onNothing: PlanRecord {
        var record = self
        record.spaceHead = nil
        return record
    }
}
