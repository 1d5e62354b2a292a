import DeploySettings
import SpacesModel
import TextTools

/// The deploy of one target, from the source's branch to a Space that runs it (design 7.4). This file
/// has the complete flow; the other files of the type have its steps.
package struct Deployer: Sendable {
    package let target: Target
    package let environment: DeployEnvironment
    package let options: DeployOptions

    package init(_ target: Target, _ environment: DeployEnvironment, _ options: DeployOptions) {
        (self.target, self.environment, self.options) = (target, environment, options)
    }

    var objects: any ObjectDatabase { environment.objects }
    var space: any SpaceRepository { environment.space }
    var clock: any Clock<Duration> { environment.clock }
    var emit: EventHandler { environment.emit }
    var baselines: BaselineReader { BaselineReader(target: target, environment: environment) }
    var guards: DeployGuards { DeployGuards(target: target, environment: environment, options: options) }
    var histories: HistoryPlanner {
        HistoryPlanner(target: target, environment: environment, options: options)
    }
    var rollbacks: RollbackPlanner {
        RollbackPlanner(target: target, environment: environment, options: options)
    }
    var outcomes: OutcomeRecorder { OutcomeRecorder(target: target, space: space, options: options) }
    var spaceBlobs: SpaceBlobs { SpaceBlobs(keep: target.keep, objects: objects, space: space) }

    /// Runs the complete deploy. Never throws: an error is part of the result.
    package func deploy() async -> DeployResult {
        await makeResult { (result) async throws(DeployError) in
            // The Space's record is requested while the source is read.
            try await withConcurrent({ await options.fetchInitialInfo { await info() } }) {
                (before) async throws(DeployError) in
                let deploy = try await withDeployLock { () async throws(DeployError) in
                    try await planAndPush(before, &result)
                }
                let before = await before.value
                (result.appURL, result.isPrivate) = (await appURL(before), before?.isPrivate)
                guard let deploy else {
                    result.stage = before?.runtime?.stage
                    if let stage = result.stage, stage.isBroken {
                        emit(.warning("\(target.space) is \(stage)"))
                    }
                    return .heldBack
                }
                do throws(DeployError) { return try await waitUntilRunning(deploy, before, &result) } catch {
                    let error = await rollBackAfterFailure(deploy, before, after: error, &result)
                    throw addingRollbackHint(to: error, deploy, before)
                }
            }
        }
    }

    /// Plans what a push would change; sends nothing. Fails if the push would be refused.
    package func plan() async -> DeployResult {
        await makeResult { (result) async throws(DeployError) in
            guard let deploy = try await makePlan(PlanInputs(), &result) else { return .heldBack }
            result.commit = deploy.space.head?.id
            guard !deploy.isDone else { return .planned }
            result.guards = deploy.violations.guards
            deploy.warnings.forEach { logViolation($0) }
            if let supersededError = deploy.supersededError { throw supersededError }
            logCostWarnings(of: deploy.configurationChanges)
            if let failure = DeployError.preflight(deploy.findings, target.space) {
                logGuardViolations(of: deploy)
                throw failure
            }
            guard deploy.violations.isEmpty else { throw blockedError(of: deploy) }
            try await checkExposure(deploy)
            return .planned
        }
    }

    /// Plans and pushes with one compare-and-swap per attempt. If the Space or the source changed in the
    /// meantime, plans again after a randomised exponential back-off, so that concurrent runners do not
    /// collide again.
    /// - Parameter before: the Space's record from the API, from before the first write.
    /// - Returns: `nil` if the source commit is held back after a rollback.
    private func planAndPush(
        _ before: Concurrent<SpaceInfo?>, _ result: inout DeployResult
    ) async throws(DeployError) -> PreparedDeploy? {
        var inputs = PlanInputs(before: before, mayUseObservedHead: true)
        var confirmed: Set<GuardViolation> = []
        for attempt in 1...Self.maxAttempts {
            if attempt > 2 { try await backOff(upTo: .milliseconds(100 << attempt)) }
            var plan = try await makePlan(inputs, &result)
            try await throwIfSuperseded()
            if let missing = plan, missing.space.isMissing {
                plan = try await makePlan(try await createSpace(for: missing), &result)
            }
            (inputs.mayUseObservedHead, inputs.isRetry) = (false, true)
            guard var deploy = plan else { return nil }
            guard !deploy.plan.isEmpty else {
                (deploy.commit, result.commit) = (deploy.space.head?.id, deploy.space.head?.id)
                try await applyConfiguration(&deploy)
                return deploy
            }
            try await requireApproval(&deploy, attempt, &confirmed, &result)
            // The record must be from before the first write.
            let infoBeforePush = await before.value
            try await applyConfiguration(&deploy)
            try await uploadMissingLFSObjects(of: deploy)
            deploy.release = try await outcomes.releaseTrailers(after: deploy.lastDeploy, infoBeforePush)
            try await throwIfSuperseded()
            guard let commit = try await push(deploy) else { continue }
            emit(.pushed(commit))
            (deploy.commit, deploy.isPushed, result.commit) = (commit, true, commit)
            return deploy
        }
        throw DeployError(
            .tryLater,
            "could not push to \(target.space): its \(target.spaceBranch) branch changed in each of "
                + "\(Self.maxAttempts) attempts",
            details: ["another user or run is pushing to it"], hint: "try again later")
    }

    /// Reads both sides and decides. Writes nothing outside the local cache.
    /// - Returns: `nil` if the source commit is held back after a rollback; the result says why.
    private func makePlanWithoutLimit(_ inputs: PlanInputs, _ result: inout DeployResult)
        async throws(DeployError) -> PreparedDeploy?
    {
        let source = try await readSource(inputs, &result)
        let forecast = inputs.mayUseObservedHead ? await Forecast.make(for: source, by: self) : .unknown
        let space = try await readSpace(inputs, forecast)
        if !willCreate(space) { emit(.read(source: source.commit.id, spaceHead: space.head?.id)) }
        let baseline = try await baselines.load(of: space)
        if let heldBack = try await heldBack(source, space, baseline) {
            reportHeldBack(heldBack, source, space, &result)
            return nil
        }
        var draft =
            target.pushesHistory
            ? try await histories.plan(source, over: space)
            : try await composeTree(
                source, over: space, baseline, on: resolveBaseImage(baseline), knowing: inputs.scanCache,
                forecast)
        if let heldBack = try await heldBack(source, space, baseline, composed: draft.tree) {
            reportHeldBack(heldBack, source, space, &result)
            return nil
        }
        let flags = DroppedFlags(target, since: baseline, source)
        try await flags.explainRemovals(in: &draft, target, source, objects)
        if !willCreate(space) { logComposition(draft) }
        result.savedPlan = try await verifySavedPlan(of: draft, source, space)
        try await attachDiffs(to: &draft.composition, over: space)
        try await addFindings(to: &draft.composition, source, over: space)
        var deploy = PreparedDeploy(source: source, space: space, baseline: baseline, draft: draft)
        guard !willCreate(space) else { return deploy }
        logFindings(of: draft)
        if let info = await inputs.before?.value { emit(.target(info)) }
        deploy.draft.composition.plan.configurationChanges = try await configurationChanges(
            of: space, await inputs.before?.value, isPushing: !draft.plan.isEmpty)
        announce(deploy, &result)
        try await guards.check(&deploy, flags)
        return deploy
    }

    /// Returns why the source commit is held back after a rollback; `nil` if it is deployed. An export
    /// writes the tree all the same.
    /// - Parameter tree: the tree to be pushed, once it is known.
    private func heldBack(
        _ source: SourceSnapshot, _ space: SpaceHead, _ baseline: DeployBaseline,
        composed tree: ObjectID? = nil
    ) async throws(DeployError) -> HeldBack? {
        guard space.head != nil, !options.needsAllBlobs, tree == nil || !target.pushesHistory else {
            return nil
        }
        let check = HeldBackCheck(target: target, environment: environment, options: options)
        return try await check.heldBack(source, after: baseline.lastDeploy, composed: tree)
    }

    /// Records in the result that the source commit is held back, and reports it.
    private func reportHeldBack(
        _ heldBack: HeldBack, _ source: SourceSnapshot, _ space: SpaceHead, _ result: inout DeployResult
    ) {
        emit(.detail(heldBack.reason))
        emit(.detail("a newer commit of the source is deployed as usual"))
        var plan = Plan(changes: [])
        plan.heldBack = source.commit.id
        (result.plan, result.commit, result.isHeldBack) = (plan, space.head?.id, true)
        (result.guards, result.reason, result.hint) = ([.rollback], heldBack.reason, heldBack.hint)
        emit(.planned(plan))
    }

    /// Waits until the Space runs the commit of this deploy, then probes the app. Returns immediately
    /// with `--no-wait`.
    private func waitUntilRunning(
        _ deploy: PreparedDeploy, _ before: SpaceInfo?, _ result: inout DeployResult
    ) async throws(DeployError) -> DeployResult.Outcome {
        if deploy.isPushed || target.rebuild { return try await watchPush(of: deploy, before, &result) }
        if deploy.isConfigured { return try await watchRestart(deploy, before, &result) }
        return try await confirmRunning(deploy, before, &result)
    }

    /// Reads, composes and plans within the target's time limit. A source that takes longer (huge trees,
    /// a server that never ends a response) must not delay other targets or hold a lock.
    func makePlan(_ inputs: PlanInputs, _ result: inout DeployResult)
        async throws(DeployError) -> PreparedDeploy?
    {
        let start = result
        let limited = await withTimeLimit(target.timeout, clock) {
            var result = start
            do throws(DeployError) {
                let deploy = try await makePlanWithoutLimit(inputs, &result)
                return (Result<PreparedDeploy?, DeployError>.success(deploy), result)
            } catch { return (.failure(error), result) }
        }
        guard let (deploy, planned) = limited else { throw .planningTimeout(target.space, target.timeout) }
        result = planned
        return try deploy.get()
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

    /// Returns the result of `body`, with the outcome that it returns or that follows from its error.
    func makeResult(
        _ body: (inout DeployResult) async throws(DeployError) -> DeployResult.Outcome
    ) async -> DeployResult {
        await DeployResult.make(for: target.space, emit, body)
    }

    /// Throws if a newer run deploys instead.
    /// - Throws: cause `superseded`, before anything is pushed.
    private func throwIfSuperseded() async throws(DeployError) {
        guard let newerRun = await options.newerRun() else { return }
        throw DeployError(.tryLater, newerRun, cause: .superseded)
    }

    private static var maxAttempts: Int { 8 }

    private func backOff(upTo limit: Duration) async throws(DeployError) {
        do {
            try await clock.sleep(for: min(limit, .seconds(5)) * Double.random(in: 0...1))
        } catch {
            throw DeployError(.interrupted, "interrupted")
        }
    }
}
