import Essentials
import Synchronization
import TextTools

/// Tracker of the rate limits of each account: the `RateLimit` header of responses
/// (https://huggingface.co/docs/hub/rate-limits), and the wait that a 429 requests.
package final class RateLimitTracker: Sendable {
    /// The rate limit status of one account at one origin.
    package struct RateLimitStatus: Hashable, Sendable {
        /// The remaining requests of the window, and its `quota`.
        package var remaining: Int
        package var quota: Int?
        /// When the window ends.
        package var renewal: ContinuousClock.Instant
    }

    private struct Account: Hashable {
        var origin: Origin
        var secret: Secret?
    }

    fileprivate struct AccountState {
        /// The windows by the name of the server's bucket.
        var windows: [String: RateLimitStatus] = [:]
        var blockedUntil: ContinuousClock.Instant?
        var pushesBlockedUntil: ContinuousClock.Instant?
    }

    private let accounts = Mutex<[Account: AccountState]>([:])

    package init() {}

    /// Returns the window with the smallest remaining share; `nil` if no current window is known. After
    /// a 429 that requested a wait, zero requests remain.
    /// - Parameter secret: the account's token; `nil` for the account with the smallest remaining share.
    package func status(
        at origin: Origin, of secret: Secret?, now: ContinuousClock.Instant = .now
    ) -> RateLimitStatus? {
        let matching = accounts.withLock { accounts in
            accounts.filter { $0.key.origin == origin && (secret == nil || $0.key.secret == secret) }.map(
                \.value)
        }
        let blocked = matching.compactMap(\.blockedUntil).map {
            RateLimitStatus(remaining: 0, quota: nil, renewal: $0)
        }
        let statuses = (blocked + matching.flatMap(\.windows.values)).filter { $0.renewal > now }
        return statuses.min { ($0.remainingShare, $1.renewal) < ($1.remainingShare, $0.renewal) }
    }

    /// Returns the time until which only pushes are rate limited, by a 429 to a push; `nil` if they are not.
    package func pushesBlockedUntil(
        at origin: Origin, of secret: Secret?, now: ContinuousClock.Instant = .now
    ) -> ContinuousClock.Instant? {
        accounts.withLock { $0[Account(origin: origin, secret: secret)]?.pushesBlockedUntil }.flatMap {
            $0 > now ? $0 : nil
        }
    }

    func record(
        _ status: Int, _ headers: HTTPFields, of request: HTTPClientRequest,
        now: ContinuousClock.Instant = .now
    ) {
        guard let origin = Origin(request.url) else { return }
        let limits = RateLimitHeader.all(in: headers)
        let wait = status == 429 ? RetryPolicy.requestedDelay(by: headers, status: status) : nil
        guard !limits.isEmpty || wait != nil else { return }
        let isPushLimit =
            request.url.path.hasSuffix("/git-receive-pack") && limits.allSatisfy { $0.remaining > 0 }
        accounts.withLock { accounts in
            var account =
                accounts[Account(origin: origin, secret: request.authorization?.secret)] ?? AccountState()
            for limit in limits { account.record(limit, now) }
            if let wait {
                // The hourly limit of commits is separate from the limit of requests.
                if isPushLimit {
                    account.pushesBlockedUntil = now + wait
                } else {
                    account.blockedUntil = now + wait
                }
            }
            accounts[Account(origin: origin, secret: request.authorization?.secret)] = account
        }
    }
}

extension RateLimitTracker.AccountState {
    /// Records a header. Responses may arrive out of order, so the lowest number of remaining requests
    /// within a window counts.
    fileprivate mutating func record(_ header: RateLimitHeader, _ now: ContinuousClock.Instant) {
        let renewal = now + .seconds(header.reset + 1)
        var status = RateLimitTracker.RateLimitStatus(
            remaining: header.remaining, quota: header.quota, renewal: renewal)
        if let known = windows[header.bucket], known.renewal > now,
            known.renewal > renewal - .seconds(3), renewal > known.renewal - .seconds(3)
        {
            status.remaining = min(status.remaining, known.remaining)
        }
        windows[header.bucket] = status
    }
}

extension RateLimitTracker.RateLimitStatus {
    /// The remaining fraction of the quota, which is taken as 1000 if unknown.
    fileprivate var remainingShare: Double { Double(remaining) / Double(max(1, quota ?? 1000)) }
}

extension Authorization {
    fileprivate var secret: Secret {
        switch self {
        case .basic(_, let password): password
        case .bearer(let token): token
        }
    }
}

/// One item of the `RateLimit` header, such as `"api";r=12;t=41`, with `q` of the `RateLimit-Policy` of
/// the same name.
struct RateLimitHeader: Hashable, Sendable {
    var bucket: String
    var remaining: Int
    /// Seconds until the window ends.
    var reset: Int
    var quota: Int?

    static func all(in headers: HTTPFields) -> [RateLimitHeader] {
        guard let text = headers["RateLimit"] else { return [] }
        let policies = items(headers["RateLimit-Policy"] ?? "")
        return items(text).compactMap { item in
            guard let remaining = item.numbers["r"], let reset = item.numbers["t"], remaining >= 0,
                (0...86_400).contains(reset)
            else { return nil }
            let quota = policies.first { $0.names.contains(item.names.last ?? "") }?.numbers["q"]
            return RateLimitHeader(
                bucket: item.names.last ?? "", remaining: remaining, reset: reset, quota: quota)
        }
    }

    private static func items(_ text: String) -> [(names: [String], numbers: [String: Int])] {
        text.split(separator: ",").map { item in
            let parts = item.split(separator: ";").map { $0.trimmingSpaces() }
            let names = parts.filter { $0.hasPrefix("\"") }.map { $0.trimming { $0 == "\"" } }
            let pairs = parts.compactMap { part -> (String, Int)? in
                let halves = part.split(separator: "=", maxSplits: 1)
                guard halves.count == 2, let number = Int(halves[1]) else { return nil }
                return (String(halves[0]), number)
            }
            return (names, Dictionary(pairs) { $1 })
        }
    }
}
