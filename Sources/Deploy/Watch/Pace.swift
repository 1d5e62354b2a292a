/// How long to wait between two reports: quick after a change, slower the longer nothing happens. Ten minutes of
/// watching are some 80 requests; the Hub allows an anonymous caller 500 in five minutes for all he does.
struct Pace: Sendable {
    private var step = Duration.seconds(1)

    mutating func quicken() { step = .seconds(1) }

    /// The next wait, given how long nothing has changed.
    mutating func next(unchanged: Duration) -> Duration {
        defer { step = min(step * 1.5, .seconds(5)) }
        if unchanged > .seconds(120) { return .seconds(10) }
        return unchanged > .seconds(60) ? .seconds(8) : step
    }
}
