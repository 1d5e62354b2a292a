/// When the Hub is asked again. It shall be quick to see a change, and never take more than a tenth of what a free
/// account may ask for: 1,000 requests in five minutes (hub-api.md 8.3).
struct Pace: Sendable {
    /// What is known of the course of things.
    struct Circumstances: Sendable {
        /// How long nothing has changed.
        var unchanged: Duration
        /// The build's log is being told: it announces changes, so that asking may be rare.
        var isHeard: Bool
        /// The app starts: nothing announces that it is healthy.
        var isStarting: Bool
    }

    /// How many watches share the account.
    var sharing: @Sendable () -> Int = { 1 }
    /// When the Hub was asked, since the watch began; of the last five minutes.
    private var asked: [Duration] = []
    private var step = Self.first

    private static let first = Duration.milliseconds(500)
    private static let window = Duration.seconds(300)
    /// The rest is for logs, and for what is asked once. Several watches share six tenths of what there is.
    private var most: Int { max(3, min(90, 600 / max(1, sharing()))) }
    /// Where nothing is announced, this is quick enough for the median and lasts the whole window.
    private static let steady = Duration.milliseconds(3500)

    mutating func quicken() { step = Self.first }

    mutating func note(at time: Duration) {
        asked.append(time)
        asked.removeAll { $0 <= time - Self.window }
    }

    /// The wait from now on.
    mutating func next(at time: Duration, _ now: Circumstances) -> Duration {
        defer { step = min(step * 1.5, .seconds(10)) }
        let wait = max(min(step, ceiling(now)), sharing() > 6 ? Self.window / most : .zero)
        return max(wait, moment(at: time))
    }

    /// The least wait, whatever is announced: many lines are one reason to ask, and some logs are full of them.
    func moment(at time: Duration) -> Duration {
        guard asked.count >= most, let oldest = asked.first else { return Self.first }
        return max(Self.first, oldest + Self.window - time)
    }

    private func ceiling(_ now: Circumstances) -> Duration {
        if now.isStarting { return asked.count < most * 2 / 3 ? .seconds(1) : Self.steady }
        guard now.isHeard else { return Self.steady }
        return now.unchanged > .seconds(120)
            ? .seconds(10) : now.unchanged > .seconds(60) ? .seconds(8) : .seconds(5)
    }
}
