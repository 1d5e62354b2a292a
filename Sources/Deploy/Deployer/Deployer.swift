import DeploySettings
import DockerSyntax
import SpacesModel
import TextTools

/// The deploy of one target, from the source's branch to a Space that runs it. All input and output
/// is behind ports; the result is one `DeployResult`.
package struct Deployer<
    Source: SourceRepository, Store: ObjectDatabase, Space: SpaceRepository,
    Builds: SpaceRuntimeService, Keeper: SpaceConfigurationService
>: Sendable {
    package let target: Target
    package let source: Source
    package let store: Store
    package let space: Space
    package let builds: Builds
    package let configurator: Keeper
    package let images: any ImageResolver
    package let lfsTransfer: any LFSTransferring
    package let prober: any HTTPProber
    package let options: Options
    package let clock: any Clock<Duration>
    package let emit: EventHandler

    package init(
        _ target: Target, source: Source, store: Store, space: Space, builds: Builds, configurator: Keeper,
        images: any ImageResolver, lfsTransfer: any LFSTransferring, prober: any HTTPProber, options: Options,
        clock: any Clock<Duration> = ContinuousClock(),
        emit: @escaping EventHandler
    ) {
        (self.target, self.source, self.store, self.space) = (target, source, store, space)
        (self.builds, self.configurator, self.images, self.lfsTransfer) = (
            builds, configurator, images, lfsTransfer
        )
        (self.prober, self.options, self.clock, self.emit) = (prober, options, clock, emit)
    }

    /// Runs the complete deploy. Never throws: an error is part of the result.
    package func deploy() async -> DeployResult {
        await makeResult { (report) async throws(DeployError) in
            try await withConcurrent({ await options.fetchInitialInfo { await info() } }) {
                (spaceInfo) async throws(DeployError) in
                try await deploy(&report, spaceInfo)
            }
        }
    }

    /// Plans, pushes and follows the outcome.
    /// - Parameter spaceInfo: the Space's record from the API, from before the push.
    private func deploy(_ report: inout DeployResult, _ spaceInfo: Concurrent<SpaceInfo?>)
        async throws(DeployError)
    {
        let prepared = try await withDeployLock { () async throws(DeployError) in
            try await planAndPush(&report, spaceInfo)
        }
        let infoBeforePush = await spaceInfo.value
        report.appURL = await appURL(infoBeforePush)
        do throws(DeployError) { try await followOutcome(prepared, infoBeforePush, &report) } catch {
            throw withRollbackHint(error, prepared, infoBeforePush)
        }
    }

    /// Follows the outcome of the push, or of a deploy with nothing to push.
    private func followOutcome(
        _ prepared: PreparedDeploy, _ before: SpaceInfo?, _ report: inout DeployResult
    ) async throws(DeployError) {
        if prepared.heldBack != nil {
            (report.outcome, report.stage) = (.unchanged, before?.runtime?.stage)
            if let stage = report.stage, stage.isBroken { emit(.warning("\(target.space) is \(stage)")) }
            return report.recordHeldBack(prepared.heldBack)
        }
        if prepared.isConfigured, !prepared.isPushed, !target.rebuild {
            return try await watchRestart(prepared, before, &report)
        }
        guard prepared.isPushed || target.rebuild else {
            return try await confirmRunning(prepared, before, &report)
        }
        do throws(DeployError) { try await waitUntilRunning(prepared, before, &report) } catch {
            throw await rollBackAfterFailure(prepared, before, after: error, &report)
        }
    }

    /// Runs `work` with the Space's lock, which is held from reading to pushing, never while watching
    /// (design 4.7).
    func withDeployLock<Value>(_ work: () async throws(DeployError) -> Value) async throws(DeployError)
        -> Value
    {
        let lock = try await options.lock { emit(.detail("waiting for another run: \($0)")) }
        defer { lock?.release() }
        let value = try await work()
        lock?.release()
        await options.onPushed()
        return value
    }

    /// Plans what a push would change; sends nothing. Fails if the push would be refused.
    package func plan() async -> DeployResult {
        await makeResult { (report) async throws(DeployError) in
            let prepared = try await makePlan(&report)
            report.outcome = .planned
            report.commit = prepared.state.head?.id
            report.recordHeldBack(prepared.heldBack)
            guard !prepared.isDone else { return }
            report.guards = prepared.guardViolations.guards
            prepared.warnings.forEach { logViolation($0) }
            if let supersededError = prepared.supersededError { throw supersededError }
            logCostWarnings(of: prepared.configurationChanges)
            if let failure = DeployError.preflight(prepared.composition.findings, target.space) {
                logGuardViolations(to: prepared)
                throw failure
            }
            guard prepared.guardViolations.isEmpty else { throw blockedError(of: prepared) }
            try await checkExposure(prepared)
        }
    }

    /// Logs what would block a push, for commands that do not push: the guard violations, and the
    /// findings for which `isIncluded` is true.
    func logBlockers(of prepared: PreparedDeploy, _ isIncluded: (Finding) -> Bool) {
        for finding in prepared.composition.findings where isIncluded(finding) {
            emit(.warning("a push would refuse: \(finding)"))
        }
        logGuardViolations(to: prepared)
    }

    func logViolation(_ warning: GuardViolation) {
        emit(warning.isQuiet ? .detail(warning.message) : .warning(warning.message))
        (warning.details + warning.hints).forEach { emit(.detail($0)) }
    }

    private func logGuardViolations(to prepared: PreparedDeploy) {
        for violation in prepared.guardViolations {
            guard let name = violation.guardName?.rawValue else { continue }
            emit(.warning("a push is refused unless --force=\(name): \(violation.message)"))
            violation.hints.forEach { emit(.detail($0)) }
        }
    }

    func makeResult(
        _ body: (inout DeployResult) async throws(DeployError) -> Void
    ) async -> DeployResult {
        var report = DeployResult(target.space, .failed)
        do {
            try await body(&report)
        } catch  where error.cause == .superseded {
            (report.outcome, report.reason, report.hint) = (.superseded, error.message, error.hint)
            emit(.detail(error.message))
            error.details.forEach { emit(.detail($0)) }
        } catch {
            report.outcome = outcome(of: error, after: report.outcome)
            report.failure = error
        }
        return report
    }

    /// Returns the outcome for an error. A run that pushed its commit is never reported as refused,
    /// whatever the Hub responds afterwards.
    private func outcome(of failure: DeployError, after outcome: DeployResult.Outcome) -> DeployResult.Outcome
    {
        switch failure.cause {
        case .rolledBack: return .rolledBack
        case .unobserved: return .pushed
        default:
            let failureOutcome = DeployResult.Outcome(of: failure.kind)
            return outcome == .pushed && failureOutcome == .refused ? .pushed : failureOutcome
        }
    }

    /// Throws if a newer run deploys instead.
    /// - Throws: cause `superseded`, before anything is pushed.
    func throwIfSuperseded() async throws(DeployError) {
        guard let newerRun = await options.newerRun() else { return }
        throw DeployError(.tryLater, newerRun, cause: .superseded)
    }
}

/// The data of a deploy that is known before anything is sent.
struct PreparedDeploy: Sendable {
    var snapshot: SourceSnapshot
    var state: SpaceHead
    var composition: ComposedTree
    /// The source's own commits and their new objects (`history = source`).
    var history: [PackObject] = []
    /// The last deploy in the history of the Space's head, as far as the history was searched.
    var lastDeploy: Commit?
    /// The release trailers that the commit of this deploy records; `nil` before the push, and with
    /// `history = source`.
    var release: ReleaseTrailers?
    /// The reason why the source commit is not deployed, if it was rolled back.
    var heldBack: HeldBack?
    var merged = MergedEdits()
    var preservedKeys: [String] = []
    var guardViolations: [GuardViolation] = []
    /// Warnings shown before the push. At a terminal they require confirmation; elsewhere the push
    /// continues.
    var warnings: [GuardViolation] = []
    /// The error that ends the run as superseded: a newer commit of the branch is deployed already.
    var supersededError: DeployError?
    /// Changes of variables, secrets, hardware and visibility.
    var configurationChanges: [ConfigurationChange] { composition.plan.configurationChanges }
    /// Whether there is nothing to do.
    var isDone: Bool { composition.plan.isDone }
    /// Whether the configuration was applied.
    var isConfigured = false
    /// Whether the configuration was applied and the Hub restarts the Space for it.
    var isRestarted: Bool {
        isConfigured && configurationChanges.contains { $0.command?.restartsSpace == true }
    }
    /// The Space's commit with this tree; `nil` before the push.
    var commit: ObjectID?
    var isPushed = false
}
