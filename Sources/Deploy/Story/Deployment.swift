import DeploySettings
import DockerSyntax
import SpacesModel
import TextTools

/// One target's deploy, from the source's branch to the Space that runs it. Ports in, one report out: nothing here
/// touches the world.
package struct Deployment<
    Source: SourceReading, Store: ObjectStoring & HistoryReading & TextMerging, Space: SpaceWriting,
    Builds: BuildWatching, Keeper: SpaceKeeping
>: Sendable {
    package let target: Target
    package let source: Source
    package let store: Store
    package let space: Space
    package let builds: Builds
    package let keeper: Keeper
    package let images: any ImageResolving
    package let carrier: any LargeFileCarrying
    package let prober: any AppProbing
    package let options: Options
    package let clock: any Clock<Duration>
    package let say: Say

    package init(
        _ target: Target, source: Source, store: Store, space: Space, builds: Builds, keeper: Keeper,
        images: any ImageResolving, carrier: any LargeFileCarrying, prober: any AppProbing, options: Options,
        clock: any Clock<Duration> = ContinuousClock(),
        say: @escaping Say
    ) {
        (self.target, self.source, self.store, self.space) = (target, source, store, space)
        (self.builds, self.keeper, self.images, self.carrier) = (builds, keeper, images, carrier)
        (self.prober, self.options, self.clock, self.say) = (prober, options, clock, say)
    }

    /// The whole story. Never throws: what ends it early is in the report.
    package func deploy() async -> Report {
        await reporting { (report) async throws(Failure) in
            try await withConcurrent({ await options.before { await info() } }) {
                (asked) async throws(Failure) in
                try await deploy(&report, asked)
            }
        }
    }

    /// - Parameter asked: the API's record of the Space from before the push.
    private func deploy(_ report: inout Report, _ asked: Concurrent<SpaceInfo?>) async throws(Failure) {
        let prepared = try await locked { () async throws(Failure) in
            try await prepareAndPush(&report, asked)
        }
        let before = await asked.value
        report.appURL = await appURL(before)
        do throws(Failure) { try await settle(prepared, before, &report) } catch {
            throw withRollbackHint(error, prepared, before)
        }
    }

    /// Follows what came of the push, or of there being nothing to push.
    private func settle(
        _ prepared: Prepared, _ before: SpaceInfo?, _ report: inout Report
    ) async throws(Failure) {
        if prepared.heldBack != nil {
            (report.outcome, report.stage) = (.unchanged, before?.runtime?.stage)
            if let stage = report.stage, stage.isBroken { say(.warning("\(target.space) is \(stage)")) }
            return report.take(prepared.heldBack)
        }
        if prepared.isSet, !prepared.isPushed, !target.rebuild {
            return try await settleSet(prepared, before, &report)
        }
        guard prepared.isPushed || target.rebuild else {
            return try await settleUnchanged(prepared, before, &report)
        }
        do throws(Failure) { try await settlePushed(prepared, before, &report) } catch {
            throw await takenBack(prepared, before, after: error, &report)
        }
    }

    /// The lock of the Space is held from reading to pushing, never while watching (design 4.7).
    func locked<Value>(_ work: () async throws(Failure) -> Value) async throws(Failure) -> Value {
        let lock = try await options.lock { say(.detail("waiting for another run: \($0)")) }
        defer { lock?.release() }
        let value = try await work()
        lock?.release()
        await options.hasPushed()
        return value
    }

    /// What a push would change; sends nothing. Ends as that push would where it would be refused.
    package func plan() async -> Report {
        await reporting { (report) async throws(Failure) in
            let prepared = try await prepare(&report)
            report.outcome = .planned
            report.commit = prepared.state.head?.id
            report.take(prepared.heldBack)
            guard !prepared.isDone else { return }
            report.guards = prepared.objections.guards
            prepared.warnings.forEach { tell($0) }
            if let overtaken = prepared.overtaken { throw overtaken }
            tellStakes(of: prepared.settings)
            if let failure = Failure.preflight(prepared.composition.findings, target.space) {
                tellObjections(to: prepared)
                throw failure
            }
            guard prepared.objections.isEmpty else { throw refusal(of: prepared) }
            try await checkExposure(prepared)
        }
    }

    /// What would stop a push, for those who do not push; of the findings those of a kind.
    func tell(of prepared: Prepared, _ isTold: (Finding) -> Bool) {
        for finding in prepared.composition.findings where isTold(finding) {
            say(.warning("a push would refuse: \(finding)"))
        }
        tellObjections(to: prepared)
    }

    func tell(_ warning: Objection) {
        say(warning.isQuiet ? .detail(warning.message) : .warning(warning.message))
        (warning.details + warning.hints).forEach { say(.detail($0)) }
    }

    private func tellObjections(to prepared: Prepared) {
        for objection in prepared.objections {
            guard let name = objection.guardName?.rawValue else { continue }
            say(.warning("a push is refused unless --force=\(name): \(objection.message)"))
            objection.hints.forEach { say(.detail($0)) }
        }
    }

    func reporting(
        _ story: (inout Report) async throws(Failure) -> Void
    ) async -> Report {
        var report = Report(target.space, .failed)
        do {
            try await story(&report)
        } catch  where error.cause == .superseded {
            (report.outcome, report.reason, report.hint) = (.superseded, error.message, error.hint)
            say(.detail(error.message))
            error.details.forEach { say(.detail($0)) }
        } catch {
            report.outcome = outcome(of: error, after: report.outcome)
            report.failure = error
        }
        return report
    }

    /// A run that pushed its commit is never reported as refused, whatever the Hub answers afterwards.
    private func outcome(of failure: Failure, after outcome: Report.Outcome) -> Report.Outcome {
        switch failure.cause {
        case .takenBack: return .rolledBack
        case .unobserved: return .pushed
        default:
            let ended = Report.Outcome(of: failure.kind)
            return outcome == .pushed && ended == .refused ? .pushed : ended
        }
    }

    /// - Throws: what ends a run that has pushed nothing yet, when something newer deploys instead.
    func yield() async throws(Failure) {
        guard let successor = await options.successor() else { return }
        throw Failure(.tryLater, successor, cause: .superseded)
    }
}

/// What the story knows before anything is sent.
struct Prepared: Sendable {
    var snapshot: Snapshot
    var state: SpaceState
    var composition: Composition
    /// The source's own commits and what is new in them (`history = source`).
    var history: [SentObject] = []
    /// The last deploy below the head, as far as it was looked for.
    var lastDeploy: Commit?
    /// What the commit of this deploy records; `nil` before the push, and with `history = source`.
    var release: ReleaseTrailers?
    /// Why the source commit is not deployed, if it was rolled back.
    var heldBack: HeldBack?
    var merged = MergedPaths()
    var keptKeys: [String] = []
    var objections: [Objection] = []
    /// Shown before the push. A person at a terminal is asked, elsewhere the push goes on.
    var warnings: [Objection] = []
    /// Ends the run as superseded: a newer commit of the branch is deployed already.
    var overtaken: Failure?
    /// Variables, secrets, hardware and visibility that are to be set.
    var settings: [StateChange] { composition.plan.settings }
    /// There is nothing to do.
    var isDone: Bool { composition.plan.isDone }
    /// The settings were carried out.
    var isSet = false
    /// ... and the Hub restarts the Space for them.
    var isRestarted: Bool { isSet && settings.contains { $0.order?.restarts == true } }
    /// The Space's commit that holds this tree, once there is one.
    var commit: ObjectID?
    var isPushed = false
}
