import DeploySettings
import SpacesModel

/// Runs only the probes of a target (the `verify` command).
/// - Parameter source: opens the source; called only if a probe sends a file of it.
package func verifyApp(
    of target: Target, _ builds: any SpaceRuntimeService, _ prober: any HTTPProber,
    clock: any Clock<Duration> = ContinuousClock(), emit: @escaping EventHandler,
    source: () async throws(DeployError) -> (any SourceRepository, any ObjectDatabase)
) async -> DeployResult {
    await DeployResult.make(for: target.space, emit) { (result) async throws(DeployError) in
        result.isObservation = true
        var probes: [(Probe, body: [UInt8]?)] = target.probes.map { ($0, nil) }
        if target.probes.contains(where: { $0.body != nil }) {
            let (source, objects) = try await source()
            let snapshot = try await source.snapshot(of: target.revision)
            probes = try await ProbeBodies(probes: target.probes, snapshot: snapshot, store: objects).read()
        }
        try await probeApp(
            of: target, probes, builds, prober, within: target.timeout, clock: clock, emit: emit, &result)
        return .unchanged
    }
}

/// Probes the app.
/// - Throws: kind `failed` if the Space does not run or the app gives a wrong response, `timedOut` if
///   the app does not respond.
func probeApp(
    of target: Target, _ probes: [(Probe, body: [UInt8]?)], _ builds: any SpaceRuntimeService,
    _ prober: any HTTPProber,
    within limit: Duration, clock: some Clock<Duration>, emit: @escaping EventHandler,
    _ result: inout DeployResult
) async throws(DeployError) {
    let info = try await builds.info()
    (result.appURL, result.isPrivate) = (info.appURL ?? result.appURL, info.isPrivate)
    result.stage = info.runtime?.stage ?? result.stage
    result.commit = result.commit ?? info.sha
    if let stage = info.runtime?.stage, stage.isDown {
        throw DeployError(
            .failed, "\(target.space) is not running (stage: \(stage))",
            hint: stage == .paused
                ? "to restart it: spacesync restart \(target.space)"
                : "to see the reason: spacesync watch \(target.space)")
    }
    guard let app = info.appURL else {
        throw DeployError(
            .failed, "the Hub does not report the app URL of \(target.space)", hint: "try again later")
    }
    emit(.step("Probing \(app)"))
    try await ProbeRunner(
        prober: prober, space: target.space, app: app, isPrivate: info.isPrivate, limit: limit, clock: clock,
        emit: emit
    ).run(probes)
}

extension Stage {
    /// Whether the app does not respond and waiting will not change that. A sleeping app does not
    /// count: a request wakes it.
    fileprivate var isDown: Bool { isBroken || [.paused, .stopped, .deleting].contains(self) }
}
