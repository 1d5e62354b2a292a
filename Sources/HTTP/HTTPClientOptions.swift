/// How a client behaves; the defaults are the contract's (design 3, `[spacesync]`).
package struct HTTPClientOptions: Sendable {
    /// Limit for a connection that is ready for the request.
    package var connectTimeout: Duration = .seconds(10)
    /// Limit for a pause in which no byte goes either way.
    package var idleTimeout: Duration = .seconds(30)
    /// How often an exchange is repeated at most.
    package var retries = 5
    package var connectionsPerHost = 6
    /// The longest wait that a server may ask for; where it asks for a longer one, its answer is handed on.
    package var maxWait: @Sendable () -> Duration = { .seconds(300) }
    /// Keeps books of what servers say that an account has left.
    package var rateLimitTracker: RateLimitTracker?
    package var userAgent = "spacesync"
    /// Proxies, certificates and the like.
    package var network = NetworkSettings()
    /// What the waits between attempts are taken from.
    package var clock: any Clock<Duration> = ContinuousClock()
    /// Called before each wait for another attempt.
    package var onRetry: @Sendable (Retry) -> Void = { _ in }

    package init() {}
}

/// Another attempt that is about to be made.
package struct Retry: Hashable, Sendable {
    /// Method, host and path, without the query.
    package var requestSummary: String
    /// Number of the coming attempt, from 2.
    package var attempt: Int
    package var wait: Duration
    package var reason: String
}
