/// Options of an `HTTPClient`; the defaults are the documented ones (design 3, `[spacesync]`).
package struct HTTPClientOptions: Sendable {
    /// The time limit for establishing a connection.
    package var connectTimeout: Duration = .seconds(10)
    /// The time limit without a byte in either direction.
    package var idleTimeout: Duration = .seconds(30)
    /// The most retries of a request.
    package var retries = 5
    package var connectionsPerHost = 6
    /// The longest wait that a server may request; if it requests a longer one, its response is returned.
    package var maxWait: @Sendable () -> Duration = { .seconds(300) }
    /// Records the rate limits that servers report.
    package var rateLimitTracker: RateLimitTracker?
    package var userAgent = "spacesync"
    /// Proxies, certificates and rewritten addresses.
    package var network = NetworkSettings()
    /// The clock for the waits between attempts.
    package var clock: any Clock<Duration> = ContinuousClock()
    /// Called before each wait for a retry.
    package var onRetry: @Sendable (Retry) -> Void = { _ in }

    package init() {}
}

/// A retry that is about to be made.
package struct Retry: Hashable, Sendable {
    /// Method, host and path, without the query.
    package var requestSummary: String
    /// The number of the next attempt, from 2.
    package var attempt: Int
    package var wait: Duration
    package var reason: String
}
