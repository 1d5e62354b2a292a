import DeploySettings
import SpacesModel

/// Follows the build of the Space's head commit without a push (the `watch` command).
package func watchHead(
    of target: Target, _ builds: some SpaceRuntimeService, clock: some Clock<Duration> = ContinuousClock(),
    storing outcomes: any OutcomeStoring = NoOutcomes(), emit: @escaping EventHandler
) async -> DeployResult {
    var result = DeployResult(target.space, .failed)
    result.isObservation = true
    do throws(DeployError) {
        let info = try await builds.info()
        (result.appURL, result.stage, result.commit) = (info.appURL, info.runtime?.stage, info.sha)
        guard let commit = info.sha else {
            throw DeployError(
                .refused, "\(target.space) holds no commit yet", hint: "spacesync push \(target.space)")
        }
        let outcome = try await watch(
            builds, for: commit, of: target.space, previous: info.runtime, pushed: false,
            limit: target.timeout,
            clock: clock, emit: emit)
        // If the target has probes, they decide whether the Space counts as running.
        if outcome.kind == .running, target.probes.isEmpty { outcomes.record(.ran, of: commit) }
        if outcome.failure?.kind == .failed, outcome.stage?.isBroken == true {
            outcomes.record(.failed, of: commit)
        }
        try result.apply(outcome)
    } catch {
        result.outcome = DeployResult.Outcome(of: error.kind)
        result.failure = error
    }
    return result
}
