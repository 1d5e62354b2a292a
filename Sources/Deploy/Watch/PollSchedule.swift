/// When the Hub is asked again. It shall be quick to see a change, and never take more than a tenth of what a free
/// account may ask for: 1,000 requests in five minutes (hub-api.md 8.3).
struct PollSchedule: Sendable {
    /// What is known of the course of things.
    struct PollContext: Sendable {
        /// How long nothing has changed.
        var unchanged: Duration
        /// The build's log is being told: it announces changes, so that asking may be rare.
        var isStreaming: Bool
        /// The app starts: nothing announces that it is healthy.
        var isStarting: Bool
    }

    /// How many watches share the account.
    var activeWatchCount: @Sendable () -> Int = { 1 }
    /// When the Hub was asked, since the watch began; of the last five minutes.
    private var requestTimes: [Duration] = []
    private var step = Self.minInterval

    private static let minInterval = Duration.milliseconds(500)
    private static let window = Duration.seconds(300)
    /// The rest is for logs, and for what is asked once. Several watches share six tenths of what there is.
    private var maxRequests: Int { max(3, min(90, 600 / max(1, activeWatchCount()))) }
    /// Where nothing is announced, this is quick enough for the median and lasts the whole window.
    private static let steadyInterval = Duration.milliseconds(3500)

    mutating func resetBackOff() { step = Self.minInterval }

    mutating func recordRequest(at time: Duration) {
        requestTimes.append(time)
        requestTimes.removeAll { $0 <= time - Self.window }
    }

    /// The wait from now on.
    mutating func nextDelay(at time: Duration, _ now: PollContext) -> Duration {
        defer { step = min(step * 1.5, .seconds(10)) }
        let wait = max(min(step, maxDelay(now)), activeWatchCount() > 6 ? Self.window / maxRequests : .zero)
        return max(wait, minDelay(at: time))
    }

    /// The least wait, whatever is announced: many lines are one reason to ask, and some logs are full of them.
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
