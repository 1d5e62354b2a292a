import Deploy
import HTTP
import SpacesModel

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
                throw DeployError(
                    deferring: space, because: Self.message(status.remaining, at: origin, for: wait))
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
        throw DeployError(
            deferring: space, because: "\(origin) takes no more pushes for \(wait.shortDescription)")
    }

    private func shortage(of secret: Secret?) -> RateLimitTracker.RateLimitStatus? {
        guard let status = allowance.status(at: origin, of: secret) else { return nil }
        return status.remaining <= min(reserve, (status.quota ?? .max) / 4) ? status : nil
    }

    static func message(_ left: Int, at origin: Origin, for wait: Duration) -> String {
        left == 0
            ? "\(origin) takes no more requests for \(wait.shortDescription)"
            : "\(origin) takes but \(left) more requests within \(wait.shortDescription)"
    }
}

extension DeployError {
    /// The error of a target that is deferred to another pass; nothing is wrong with the Space.
    init(deferring space: SpaceID, because why: String) {
        self.init(
            .tryLater, "\(space) waits for a later pass: \(why)", details: [],
            hint: "the next pass begins with it", cause: .deferred(why))
    }
}
