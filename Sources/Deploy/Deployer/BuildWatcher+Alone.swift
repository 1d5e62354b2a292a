import DeploySettings
import SpacesModel

/// `watch`: follows what the Space's head is building, without a push.
package func watchHead(
    of target: Target, _ builds: some SpaceRuntimeService, clock: some Clock<Duration> = ContinuousClock(),
    storing outcomes: any OutcomeStoring = NoOutcomes(), emit: @escaping EventHandler
) async -> DeployResult {
    var report = DeployResult(target.space, .failed)
    report.isObservation = true
    do throws(DeployError) {
        let info = try await builds.info()
        (report.appURL, report.stage, report.commit) = (info.appURL, info.runtime?.stage, info.sha)
        guard let commit = info.sha else {
            throw DeployError(
                .refused, "\(target.space) holds no commit yet", hint: "spacesync push \(target.space)")
        }
        let outcome = try await watch(
            builds, for: commit, of: target.space, previous: info.runtime, pushed: false,
            limit: target.timeout,
            clock: clock, emit: emit)
        // Without the probes it is not known whether it counts as running.
        if outcome.kind == .running, target.probes.isEmpty { outcomes.record(.ran, of: commit) }
        if outcome.failure?.kind == .failed, outcome.stage?.isBroken == true {
            outcomes.record(.failed, of: commit)
        }
        try report.apply(outcome)
    } catch {
        report.outcome = DeployResult.Outcome(of: error.kind)
        report.failure = error
    }
    return report
}
