import Deploy
import DeploySettings
import Essentials
import HTTP
import SpacesModel
import TextTools

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
        let runner = ParallelRunner(width: context.loaded.operators.jobs)
        let reports = await runner.reports(of: mirrorState.orderedByWaitTime(targets)) {
            (target, onPushed) in
            await context.report(on: target, onPushed) { (targetContext) async throws(DeployError) in
                link.send(PassMessage(began: target.space.description))
                defer { link.send(PassMessage(ended: target.space.description)) }
                return try await report(on: target, targetContext)
            }
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
            reporter.send(
                .info(
                    "\(target.space) waits \(wait.text(.minutes)): \(context.endpoint.host) accepts only \(counted(left, "more request")) until then"
                ))
        }
        if let oldest,
            try await targetContext.source().repository.snapshot(of: target.revision).commit.commitTime
                ?? .max < oldest
        {
            return DeployResult(target.space, .unchanged)
        }
        let options = options(for: target, secret)
        let remaining = max(.seconds(1), ContinuousClock.now.duration(to: deadline))
        let report = await (try await targetContext.deployer(options, within: remaining)).deployer.deploy()
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

/// Keeps a pass within the Hub's rate limits. A Space is started only while more than a reserve is
/// left, which is for the deploys under way. Otherwise it waits for the next window or, if that
/// starts too late, is deferred to a later pass.
struct RateLimitBudget: Sendable {
    let allowance: RateLimitTracker
    let origin: Origin
    /// The number of Spaces that are deployed at the same time.
    let jobs: Int
    /// The latest time to start a deploy.
    let latest: ContinuousClock.Instant

    /// The requests kept for deploys under way: a deploy takes about 20 requests to the end of its
    /// build (`BudgetTests`).
    private var reserve: Int { 20 * jobs }

    /// Waits until enough of the rate limit is left to deploy a Space.
    /// - Parameter onWait: called before each wait, with the requests that are left.
    /// - Throws: kind `tryLater`, cause `deferred`, if the next window starts too late.
    func waitForQuota(
        _ space: SpaceID, _ secret: Secret?, onWait: (Duration, _ left: Int) -> Void
    ) async throws(DeployError) {
        while let status = shortage(of: secret) {
            let wait = ContinuousClock.now.duration(to: status.renewal)
            guard status.renewal <= latest else {
                throw Self.deferral(
                    of: space, because: Self.message(status.remaining, at: origin, for: wait))
            }
            onWait(wait, status.remaining)
            guard (try? await Task.sleep(for: wait)) != nil else {
                throw DeployError(.interrupted, "interrupted while waiting for \(origin)")
            }
        }
    }

    /// - Throws: kind `tryLater`, cause `deferred`, if the Hub refused a push because the account
    /// made too many.
    func checkPushQuota(_ space: SpaceID, _ secret: Secret?) throws(DeployError) {
        guard let renewal = allowance.pushesBlockedUntil(at: origin, of: secret) else { return }
        let wait = ContinuousClock.now.duration(to: renewal)
        throw Self.deferral(
            of: space, because: "\(origin) accepts no more pushes for \(wait.text(.minutes))")
    }

    private func shortage(of secret: Secret?) -> RateLimitTracker.RateLimitStatus? {
        guard let status = allowance.status(at: origin, of: secret) else { return nil }
        return status.remaining <= min(reserve, (status.quota ?? .max) / 4) ? status : nil
    }

    /// Returns the error of a target that is deferred to another pass; nothing is wrong with the Space.
    static func deferral(of space: SpaceID, because why: String) -> DeployError {
        DeployError(
            .tryLater, "\(space) is deferred to a later pass: \(why)", details: [],
            hint: "the next pass starts with it", cause: .deferred(why))
    }

    static func message(_ left: Int, at origin: Origin, for wait: Duration) -> String {
        left == 0
            ? "\(origin) accepts no more requests for \(wait.text(.minutes))"
            : "\(origin) accepts only \(counted(left, "more request")) within \(wait.text(.minutes))"
    }
}
