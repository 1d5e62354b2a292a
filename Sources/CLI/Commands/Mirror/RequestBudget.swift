import Deploy
import HTTP
import SpacesModel

/// Keeps a pass within what the Hub lets an account ask for: a Space is begun while more than a reserve is left, which
/// is for what is under way. Else it waits for the next window or, where that comes too late, for a later pass.
struct RequestBudget: Sendable {
    let allowance: Allowance
    let origin: Origin
    /// Spaces that are under way at a time.
    let jobs: Int
    /// When it is too late to begin.
    let latest: ContinuousClock.Instant

    /// A Space takes some twenty requests from its first to its build's end (`BudgetTests`).
    private var reserve: Int { 20 * jobs }

    /// - Parameter onWait: told of each wait, with what is left.
    /// - Throws: kind `tryLater`, cause `deferred`.
    func admit(
        _ space: SpaceID, _ secret: Secret?, onWait: (Duration, _ left: Int) -> Void
    ) async throws(Failure) {
        while let standing = shortage(of: secret) {
            let wait = ContinuousClock.now.duration(to: standing.renewal)
            guard standing.renewal <= latest else {
                throw Failure(
                    deferring: space, because: Self.words(standing.left, at: origin, for: wait))
            }
            onWait(wait, standing.left)
            guard (try? await Task.sleep(for: wait)) != nil else {
                throw Failure(.interrupted, "interrupted while waiting for \(origin)")
            }
        }
    }

    /// - Throws: the same, where a push was answered that the account makes too many.
    func admitPush(_ space: SpaceID, _ secret: Secret?) throws(Failure) {
        guard let again = allowance.pushesAgain(at: origin, of: secret) else { return }
        let wait = ContinuousClock.now.duration(to: again)
        throw Failure(deferring: space, because: "\(origin) takes no more pushes for \(wait.words)")
    }

    private func shortage(of secret: Secret?) -> Allowance.Standing? {
        guard let standing = allowance.standing(at: origin, of: secret) else { return nil }
        return standing.left <= min(reserve, (standing.quota ?? .max) / 4) ? standing : nil
    }

    static func words(_ left: Int, at origin: Origin, for wait: Duration) -> String {
        left == 0
            ? "\(origin) takes no more requests for \(wait.words)"
            : "\(origin) takes but \(left) more requests within \(wait.words)"
    }
}

extension Failure {
    /// Nothing is wrong with the Space: it has to wait for another pass.
    init(deferring space: SpaceID, because why: String) {
        self.init(
            .tryLater, "\(space) waits for a later pass: \(why)", details: [],
            hint: "the next pass begins with it", cause: .deferred(why))
    }
}
