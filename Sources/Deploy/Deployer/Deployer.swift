import DeploySettings
import DockerSyntax
import SpacesModel
import TextTools

/// One target's deploy, from the source's branch to the Space that runs it. Ports in, one report out: nothing here
/// touches the world.
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

    /// The whole story. Never throws: what ends it early is in the report.
    package func deploy() async -> DeployResult {
        await makeResult { (report) async throws(DeployError) in
            try await withConcurrent({ await options.fetchInitialInfo { await info() } }) {
                (asked) async throws(DeployError) in
                try await deploy(&report, asked)
            }
        }
    }

    /// - Parameter asked: the API's record of the Space from before the push.
    private func deploy(_ report: inout DeployResult, _ spaceInfo: Concurrent<SpaceInfo?>)
        async throws(DeployError)
    {
        let prepared = try await withDeployLock { () async throws(DeployError) in
            try await planAndPush(&report, spaceInfo)
        }
        let before = await spaceInfo.value
        report.appURL = await appURL(before)
        do throws(DeployError) { try await followOutcome(prepared, before, &report) } catch {
            throw withRollbackHint(error, prepared, before)
        }
    }

    /// Follows what came of the push, or of there being nothing to push.
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

    /// The lock of the Space is held from reading to pushing, never while watching (design 4.7).
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

    /// What a push would change; sends nothing. Ends as that push would where it would be refused.
    package func plan() async -> DeployResult {
        await makeResult { (report) async throws(DeployError) in
            let prepared = try await makePlan(&report)
            report.outcome = .planned
            report.commit = prepared.state.head?.id
            report.recordHeldBack(prepared.heldBack)
            guard !prepared.isDone else { return }
            report.guards = prepared.guardViolations.guards
            prepared.warnings.forEach { logViolation($0) }
            if let overtaken = prepared.supersededError { throw overtaken }
            logCostWarnings(of: prepared.configurationChanges)
            if let failure = DeployError.preflight(prepared.composition.findings, target.space) {
                logGuardViolations(to: prepared)
                throw failure
            }
            guard prepared.guardViolations.isEmpty else { throw blockedError(of: prepared) }
            try await checkExposure(prepared)
        }
    }

    /// What would stop a push, for those who do not push; of the findings those of a kind.
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
        for objection in prepared.guardViolations {
            guard let name = objection.guardName?.rawValue else { continue }
            emit(.warning("a push is refused unless --force=\(name): \(objection.message)"))
            objection.hints.forEach { emit(.detail($0)) }
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

    /// A run that pushed its commit is never reported as refused, whatever the Hub answers afterwards.
    private func outcome(of failure: DeployError, after outcome: DeployResult.Outcome) -> DeployResult.Outcome
    {
        switch failure.cause {
        case .rolledBack: return .rolledBack
        case .unobserved: return .pushed
        default:
            let ended = DeployResult.Outcome(of: failure.kind)
            return outcome == .pushed && ended == .refused ? .pushed : ended
        }
    }

    /// - Throws: what ends a run that has pushed nothing yet, when something newer deploys instead.
    func throwIfSuperseded() async throws(DeployError) {
        guard let successor = await options.newerRun() else { return }
        throw DeployError(.tryLater, successor, cause: .superseded)
    }
}

/// What the story knows before anything is sent.
struct PreparedDeploy: Sendable {
    var snapshot: SourceSnapshot
    var state: SpaceHead
    var composition: ComposedTree
    /// The source's own commits and what is new in them (`history = source`).
    var history: [PackObject] = []
    /// The last deploy below the head, as far as it was looked for.
    var lastDeploy: Commit?
    /// What the commit of this deploy records; `nil` before the push, and with `history = source`.
    var release: ReleaseTrailers?
    /// Why the source commit is not deployed, if it was rolled back.
    var heldBack: HeldBack?
    var merged = MergedEdits()
    var preservedKeys: [String] = []
    var guardViolations: [GuardViolation] = []
    /// Shown before the push. A person at a terminal is asked, elsewhere the push goes on.
    var warnings: [GuardViolation] = []
    /// Ends the run as superseded: a newer commit of the branch is deployed already.
    var supersededError: DeployError?
    /// Variables, secrets, hardware and visibility that are to be set.
    var configurationChanges: [ConfigurationChange] { composition.plan.configurationChanges }
    /// There is nothing to do.
    var isDone: Bool { composition.plan.isDone }
    /// The settings were carried out.
    var isConfigured = false
    /// ... and the Hub restarts the Space for them.
    var isRestarted: Bool {
        isConfigured && configurationChanges.contains { $0.command?.restartsSpace == true }
    }
    /// The Space's commit that holds this tree, once there is one.
    var commit: ObjectID?
    var isPushed = false
}
