import Deploy
import HTTP
import SpacesModel

/// Keeps a pass within what the Hub lets an account ask for: a Space is begun while more than a reserve is left, which
/// is for what is under way. Else it waits for the next window or, where that comes too late, for a later pass.
struct RateLimitBudget: Sendable {
    let allowance: RateLimitTracker
    let origin: Origin
    /// Spaces that are under way at a time.
    let jobs: Int
    /// When it is too late to begin.
    let latest: ContinuousClock.Instant

    /// A Space takes some twenty requests from its first to its build's end (`BudgetTests`).
    private var reserve: Int { 20 * jobs }

    /// - Parameter onWait: told of each wait, with what is left.
    /// - Throws: kind `tryLater`, cause `deferred`.
    func waitForQuota(
        _ space: SpaceID, _ secret: Secret?, onWait: (Duration, _ left: Int) -> Void
    ) async throws(DeployError) {
        while let standing = shortage(of: secret) {
            let wait = ContinuousClock.now.duration(to: standing.renewal)
            guard standing.renewal <= latest else {
                throw DeployError(
                    deferring: space, because: Self.message(standing.remaining, at: origin, for: wait))
            }
            onWait(wait, standing.remaining)
            guard (try? await Task.sleep(for: wait)) != nil else {
                throw DeployError(.interrupted, "interrupted while waiting for \(origin)")
            }
        }
    }

    /// - Throws: the same, where a push was answered that the account makes too many.
    func checkPushQuota(_ space: SpaceID, _ secret: Secret?) throws(DeployError) {
        guard let again = allowance.pushesBlockedUntil(at: origin, of: secret) else { return }
        let wait = ContinuousClock.now.duration(to: again)
        throw DeployError(
            deferring: space, because: "\(origin) takes no more pushes for \(wait.shortDescription)")
    }

    private func shortage(of secret: Secret?) -> RateLimitTracker.RateLimitStatus? {
        guard let standing = allowance.status(at: origin, of: secret) else { return nil }
        return standing.remaining <= min(reserve, (standing.quota ?? .max) / 4) ? standing : nil
    }

    static func message(_ left: Int, at origin: Origin, for wait: Duration) -> String {
        left == 0
            ? "\(origin) takes no more requests for \(wait.shortDescription)"
            : "\(origin) takes but \(left) more requests within \(wait.shortDescription)"
    }
}

extension DeployError {
    /// Nothing is wrong with the Space: it has to wait for another pass.
    init(deferring space: SpaceID, because why: String) {
        self.init(
            .tryLater, "\(space) waits for a later pass: \(why)", details: [],
            hint: "the next pass begins with it", cause: .deferred(why))
    }
}
