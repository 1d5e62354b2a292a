import DeploySettings
import SpacesModel

extension Deployer {
    /// Runs the probes: a Space that runs the commit counts as deployed when its probes succeed
    /// (design 4.8).
    /// - Parameter elapsed: the part of the target's timeout that is used already.
    func probe(_ snapshot: SourceSnapshot, after elapsed: Duration, _ report: inout DeployResult)
        async throws(DeployError)
    {
        guard !target.probes.isEmpty, [.deployed, .unchanged].contains(report.outcome) else { return }
        let probes = try await ProbeBodies(probes: target.probes, snapshot: snapshot, store: store).read {
            probe in
            emit(.warning("not asked, as its body is the source's: probe = \(probe)"))
        }
        do throws(DeployError) {
            try await probeApp(
                of: target, probes, builds, prober, within: max(.zero, target.timeout - elapsed),
                clock: clock,
                emit: emit, &report)
        } catch { throw unobservedError(error, report.commit) }
    }

    /// Runs only the probes (the `verify` command). Opens the source only if a probe sends a file of
    /// it.
    package static func verify(
        _ target: Target, _ builds: some SpaceRuntimeService, _ prober: any HTTPProber,
        clock: some Clock<Duration> = ContinuousClock(), emit: @escaping EventHandler,
        source: () async throws(DeployError) -> (Source, Store)
    ) async -> DeployResult {
        var result = DeployResult(target.space, .unchanged)
        result.isObservation = true
        do throws(DeployError) {
            var probes: [(Probe, body: [UInt8]?)] = target.probes.map { ($0, nil) }
            if target.probes.contains(where: { $0.body != nil }) {
                let (source, store) = try await source()
                let snapshot = try await source.snapshot(of: target.revision)
                probes = try await ProbeBodies(probes: target.probes, snapshot: snapshot, store: store).read()
            }
            try await probeApp(
                of: target, probes, builds, prober, within: target.timeout, clock: clock, emit: emit, &result)
        } catch {
            result.outcome = DeployResult.Outcome(of: error.kind)
            result.failure = error
        }
        return result
    }
}

/// Probes the app.
/// - Throws: kind `failed` if the Space does not run or the app gives a wrong response, `timedOut` if
///   the app does not respond.
private func probeApp(
    of target: Target, _ probes: [(Probe, body: [UInt8]?)], _ builds: some SpaceRuntimeService,
    _ prober: any HTTPProber,
    within limit: Duration, clock: some Clock<Duration>, emit: @escaping EventHandler,
    _ report: inout DeployResult
) async throws(DeployError) {
    let info = try await builds.info()
    report.appURL = info.appURL ?? report.appURL
    report.stage = info.runtime?.stage ?? report.stage
    report.commit = report.commit ?? info.sha
    if let stage = info.runtime?.stage, stage.isDown {
        throw DeployError(
            .failed, "\(target.space) does not run: it is \(stage)",
            hint: stage == .paused
                ? "spacesync restart \(target.space)" : "spacesync watch \(target.space) tells why")
    }
    guard let app = info.appURL else {
        throw DeployError(
            .failed, "the Hub does not say where the app of \(target.space) answers", hint: "try again later")
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
