/// The intervals between polls of the Hub: short enough to see a change quickly, with at most a tenth
/// of the requests that a free account may send, 1,000 in five minutes (hub-api.md 8.3).
struct PollSchedule: Sendable {
    /// The state of a watch that the next interval depends on.
    struct PollContext: Sendable {
        /// The time since the last change.
        var unchanged: Duration
        /// Whether the build log is being received: it announces changes, so polls can be rare.
        var isStreaming: Bool
        /// Whether the app is starting: nothing announces that it is healthy.
        var isStarting: Bool
    }

    /// The number of watches that share the account's request limit.
    var activeWatchCount: @Sendable () -> Int = { 1 }
    /// Times of the polls in the last five minutes, relative to the start of the watch.
    private var requestTimes: [Duration] = []
    private var step = Self.minInterval

    private static let minInterval = Duration.milliseconds(500)
    private static let window = Duration.seconds(300)
    /// The maximum number of polls in the window. The other requests are for logs and single queries.
    /// Several watches share 600 of the 1,000 requests.
    private var maxRequests: Int { max(3, min(90, 600 / max(1, activeWatchCount()))) }
    /// An interval for phases without announcements: quick enough in the median, and sustainable for
    /// the whole window.
    private static let steadyInterval = Duration.milliseconds(3500)

    mutating func resetBackOff() { step = Self.minInterval }

    mutating func recordRequest(at time: Duration) {
        requestTimes.append(time)
        requestTimes.removeAll { $0 <= time - Self.window }
    }

    /// Returns the delay until the next poll.
    mutating func nextDelay(at time: Duration, _ now: PollContext) -> Duration {
        defer { step = min(step * 1.5, .seconds(10)) }
        let delay = max(min(step, maxDelay(now)), activeWatchCount() > 6 ? Self.window / maxRequests : .zero)
        return max(delay, minDelay(at: time))
    }

    /// Returns the minimum delay, also after an announcement: some logs consist of announcing lines,
    /// which must not cause a poll each.
    func minDelay(at time: Duration) -> Duration {
        guard requestTimes.count >= maxRequests, let oldest = requestTimes.first else {
            return Self.minInterval
        }
        return max(Self.minInterval, oldest + Self.window - time)
    }

    private func maxDelay(_ now: PollContext) -> Duration {
        if now.isStarting {
            return requestTimes.count < maxRequests * 2 / 3 ? .seconds(1) : Self.steadyInterval
        }
        guard now.isStreaming else { return Self.steadyInterval }
        return now.unchanged > .seconds(120)
            ? .seconds(10) : now.unchanged > .seconds(60) ? .seconds(8) : .seconds(5)
    }
}
