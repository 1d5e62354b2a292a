import Deploy
import DeploySettings
import Essentials
import HTTP
import SpacesModel

/// The shared context of all targets of a pass: the deadline, the rate-limit budget and the state
/// of earlier passes.
struct PassContext: Sendable {
    private let context: RunContext
    private let mirrorState: MirrorState
    private let reporter: QuietReporter
    private let options: DeployOptions
    private let deadline: ContinuousClock.Instant
    private let oldest: Int64?
    private let budget: RateLimitBudget?
    private let link: PassLink

    /// - Parameters:
    ///   - limit: the time limit of the whole pass.
    ///   - oldest: targets whose source commit is older are skipped; seconds since 1970.
    init(
        _ context: RunContext, _ mirrorState: MirrorState, _ reporter: QuietReporter,
        _ options: DeployOptions,
        within limit: Duration, since oldest: Int64?, _ link: PassLink
    ) {
        self.link = link
        let deadline = ContinuousClock.now + limit
        var context = context
        context.maxRetryWait = { max(.zero, min(.seconds(300), ContinuousClock.now.duration(to: deadline))) }
        (self.context, self.mirrorState, self.reporter, self.oldest) = (
            context, mirrorState, reporter, oldest
        )
        (self.options, self.deadline) = (options, deadline)
        // Starting later would leave too little time to wait for the build.
        budget = Origin(context.endpoint.url).map {
            RateLimitBudget(
                allowance: context.rateLimits, origin: $0, jobs: context.loaded.operators.jobs,
                latest: deadline - limit / 2)
        }
    }

    /// Returns the results in the order of the targets; targets that earlier passes deferred are
    /// deployed first.
    func reports(on targets: [Target]) async -> [DeployResult] {
        let reports = await context.reports(on: mirrorState.orderedByWaitTime(targets)) {
            (target, targetContext) async throws(DeployError) in
            link.send(PassMessage(began: target.space.description))
            defer { link.send(PassMessage(ended: target.space.description)) }
            return try await report(on: target, targetContext)
        }
        let indices = Dictionary(targets.enumerated().map { ($1.space, $0) }) { first, _ in first }
        return reports.sorted { indices[$0.space] ?? 0 < indices[$1.space] ?? 0 }
    }

    private func report(on target: Target, _ targetContext: TargetContext) async throws(DeployError)
        -> DeployResult
    {
        let secret =
            ((try? context.accounts.specificToken(target.space)) ?? (try? context.accounts.defaultToken()))?
            .secret
        try await budget?.waitForQuota(target.space, secret) { wait, left in
            reporter.info(
                "\(target.space) waits \(wait.shortDescription): \(context.endpoint.host) takes \(left) more requests until then"
            )
        }
        if let oldest,
            try await targetContext.source().snapshot(of: target.revision).commit.commitTime ?? .max < oldest
        {
            return DeployResult(target.space, .unchanged)
        }
        let options = options(for: target, secret)
        let remaining = max(.seconds(1), ContinuousClock.now.duration(to: deadline))
        let report = await (try await targetContext.deployer(options, within: remaining)).deploy()
        mirrorState.record(report, target, comparedConfiguration: options.comparesConfiguration)
        return report
    }

    private func options(for target: Target, _ secret: Secret?) -> DeployOptions {
        var options = options
        options.finishesPushOnCancel = true
        options.comparesConfiguration = mirrorState.isDue(target, every: context.loaded.operators.reconcile)
        options.probesWhenUnchanged = !mirrorState.wasSuccessful(target.space)
        let deployed = mirrorState.targetStates[target.space.description]?.deployed
        // The branch pointed at the deployed commit in an earlier pass, so it was moved since.
        options.wasMovedBack = { $0.description == deployed }
        options.checkCommitBudget = { [mirrorState, budget, space = target.space] () throws(DeployError) in
            try budget?.checkPushQuota(space, secret)
            try mirrorState.checkCommitBudget(to: space)
        }
        options.reserveCommit = { [mirrorState, budget, space = target.space] () throws(DeployError) in
            try budget?.checkPushQuota(space, secret)
            try mirrorState.reserveCommit(to: space)
        }
        return options
    }
}
