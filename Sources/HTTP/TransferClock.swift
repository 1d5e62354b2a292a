/// The time limits of one exchange.
struct Timeouts: Hashable, Sendable {
    /// From the start to a connection that is ready for the request: name, TCP, proxy and TLS.
    var connect: Duration
    /// For a pause in which no byte goes either way.
    var idle: Duration
    /// For the whole exchange, as its caller wants it.
    var deadline: Duration?
    /// False for streams that have no natural end.
    var hasTotal = true
}

/// Decides when an exchange has taken too long.
///
/// The total limit is ten times the idle limit, and one second more for each KiB that was transferred: whoever
/// transfers at least `minimumRate` on average is never ended by it, however much there is, and one byte a second is.
/// Time in which our own side does not read, or has no bytes to send yet, does not count.
struct TransferClock {
    typealias Instant = ContinuousClock.Instant

    /// Bytes a second.
    static let minimumRate = 1024
    /// How long the rest of a response is waited for if it refuses a request that is still being sent.
    static let earlyRefusal = Duration.seconds(1)

    let timeouts: Timeouts
    let start: Instant
    private(set) var isConnected = false
    private var lastActivity: Instant
    private var pausedSince: Instant?
    private var paused = Duration.zero
    private var bytes = 0
    private var lastSample: (at: Instant, sent: Int64)
    /// A refusal came while the request was being sent.
    var isRefusedEarly = false
    /// The body of the request is being sent.
    var isSending = false

    init(_ timeouts: Timeouts, at start: Instant) {
        (self.timeouts, self.start, lastActivity) = (timeouts, start, start)
        lastSample = (start, 0)
    }

    mutating func recordConnected(at now: Instant) { (isConnected, lastActivity) = (true, now) }

    mutating func recordTransfer(_ count: Int, at now: Instant) {
        (bytes, lastActivity) = (bytes + count, now)
    }

    mutating func pause(at now: Instant) { pausedSince = pausedSince ?? now }

    mutating func resume(at now: Instant) {
        guard let since = pausedSince else { return }
        (paused, pausedSince, lastActivity) = (paused + (now - since), nil, now)
    }

    /// Whether it is time to look how much was sent: nothing tells of a body that leaves slowly.
    func isSampleDue(at now: Instant) -> Bool { isSending && pausedSince == nil && now >= nextSample }

    mutating func recordSample(_ sent: Int64, at now: Instant) {
        if sent != lastSample.sent { lastActivity = now }
        lastSample = (now, sent)
    }

    /// The limit that is over.
    func expiredLimit(at now: Instant) -> HTTPError.TimeLimit? {
        if let deadline = timeouts.deadline, now >= start + deadline { return .deadline }
        guard isConnected else { return now >= start + timeouts.connect ? .connect : nil }
        guard pausedSince == nil else { return nil }
        if now >= lastActivity + idle { return .idle }
        return timeouts.hasTotal && now >= start + total ? .total : nil
    }

    /// When to ask again, or `nil` if time alone changes nothing.
    var nextDeadline: Instant? {
        var instants = [timeouts.deadline.map { start + $0 }]
        if !isConnected {
            instants.append(start + timeouts.connect)
        } else if pausedSince == nil {
            instants.append(lastActivity + idle)
            if timeouts.hasTotal { instants.append(start + total) }
            if isSending { instants.append(nextSample) }
        }
        return instants.compactMap { $0 }.min()
    }

    private var idle: Duration { isRefusedEarly ? min(Self.earlyRefusal, timeouts.idle) : timeouts.idle }
    private var nextSample: Instant { lastSample.at + timeouts.idle / 8 }
    private var total: Duration {
        timeouts.connect + timeouts.idle * 10 + .seconds(bytes / Self.minimumRate) + paused
    }
}
