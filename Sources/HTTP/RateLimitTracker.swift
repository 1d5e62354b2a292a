import Essentials
import Synchronization
import TextTools

/// What servers tell of the requests that an account has left: `RateLimit` of their answers
/// (https://huggingface.co/docs/hub/rate-limits), and the wait that a 429 asks for.
package final class RateLimitTracker: Sendable {
    /// Of one account at one origin.
    package struct RateLimitStatus: Hashable, Sendable {
        /// Requests that are left in the window that has the fewest, and out of how many.
        package var remaining: Int
        package var quota: Int?
        /// When there are more again.
        package var renewal: ContinuousClock.Instant
    }

    private struct Account: Hashable {
        var origin: Origin
        var secret: Secret?
    }

    fileprivate struct AccountState {
        /// By the name of the server's bucket.
        var windows: [String: RateLimitStatus] = [:]
        var blockedUntil: ContinuousClock.Instant?
        var pushesBlockedUntil: ContinuousClock.Instant?
    }

    private let accounts = Mutex<[Account: AccountState]>([:])

    package init() {}

    /// What is left now; nil while nothing is known to be short. Zero is left where a 429 asked for a wait.
    /// - Parameter secret: the account's token; nil: whichever account is the worst off.
    package func status(
        at origin: Origin, of secret: Secret?, now: ContinuousClock.Instant = .now
    ) -> RateLimitStatus? {
        let known = accounts.withLock { books in
            books.filter { $0.key.origin == origin && (secret == nil || $0.key.secret == secret) }.map(
                \.value)
        }
        let closed = known.compactMap(\.blockedUntil).map {
            RateLimitStatus(remaining: 0, quota: nil, renewal: $0)
        }
        let standings = (closed + known.flatMap(\.windows.values)).filter { $0.renewal > now }
        return standings.min { ($0.remainingShare, $1.renewal) < ($1.remainingShare, $0.renewal) }
    }

    /// Until when pushes are refused that a 429 has told to wait, while all else is answered.
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
        let notices = RateLimitHeader.all(in: headers)
        let wait = status == 429 ? RetryPolicy.requestedDelay(by: headers, status: status) : nil
        guard !notices.isEmpty || wait != nil else { return }
        let isOfPush =
            request.url.path.hasSuffix("/git-receive-pack") && notices.allSatisfy { $0.remaining > 0 }
        accounts.withLock { books in
            var book = books[Account(origin: origin, secret: request.authorization?.secret)] ?? AccountState()
            for notice in notices { book.record(notice, now) }
            if let wait {
                // An account may ask on and yet have made all commits of an hour.
                if isOfPush { book.pushesBlockedUntil = now + wait } else { book.blockedUntil = now + wait }
            }
            books[Account(origin: origin, secret: request.authorization?.secret)] = book
        }
    }
}

extension RateLimitTracker.AccountState {
    /// Answers overtake one another: within a window the least that was told counts.
    fileprivate mutating func record(_ notice: RateLimitHeader, _ now: ContinuousClock.Instant) {
        let renewal = now + .seconds(notice.reset + 1)
        var standing = RateLimitTracker.RateLimitStatus(
            remaining: notice.remaining, quota: notice.quota, renewal: renewal)
        if let known = windows[notice.bucket], known.renewal > now,
            known.renewal > renewal - .seconds(3), renewal > known.renewal - .seconds(3)
        {
            standing.remaining = min(standing.remaining, known.remaining)
        }
        windows[notice.bucket] = standing
    }
}

extension RateLimitTracker.RateLimitStatus {
    /// The shorter, the less.
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

/// One `"api";r=12;t=41` of `RateLimit`, with `q` of the `RateLimit-Policy` of the same name.
struct RateLimitHeader: Hashable, Sendable {
    var bucket: String
    var remaining: Int
    /// Seconds until the window is over.
    var reset: Int
    var quota: Int?

    static func all(in headers: HTTPFields) -> [RateLimitHeader] {
        guard let text = headers["RateLimit"] else { return [] }
        let policies = items(headers["RateLimit-Policy"] ?? "")
        return items(text).compactMap { item in
            guard let left = item.numbers["r"], let reset = item.numbers["t"], left >= 0,
                (0...86_400).contains(reset)
            else { return nil }
            let quota = policies.first { $0.names.contains(item.names.last ?? "") }?.numbers["q"]
            return RateLimitHeader(bucket: item.names.last ?? "", remaining: left, reset: reset, quota: quota)
        }
    }

    private static func items(_ text: String) -> [(names: [String], numbers: [String: Int])] {
        text.split(separator: ",").map { item in
            let words = item.split(separator: ";").map { $0.trimmingSpaces() }
            let names = words.filter { $0.hasPrefix("\"") }.map { $0.trimming { $0 == "\"" } }
            let pairs = words.compactMap { word -> (String, Int)? in
                let halves = word.split(separator: "=", maxSplits: 1)
                guard halves.count == 2, let number = Int(halves[1]) else { return nil }
                return (String(halves[0]), number)
            }
            return (names, Dictionary(pairs) { $1 })
        }
    }
}
