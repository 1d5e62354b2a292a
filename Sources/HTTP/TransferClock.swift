import Synchronization

/// The time limits of one request.
struct Timeouts: Hashable, Sendable {
    /// The limit for establishing a connection: name resolution, TCP, proxy and TLS.
    var connect: Duration
    /// The limit without a byte in either direction.
    var idle: Duration
    /// The limit for the whole request that the caller sets; `nil` for none.
    var deadline: Duration?
    /// Whether the total limit of `TransferClock` applies; false for streams without a natural end.
    var hasTotal = true
}

/// Clock of one transfer that decides when a time limit is exceeded.
///
/// The total limit is the connect limit plus ten times the idle limit, plus one second for each KiB
/// transferred. So a transfer with at least `minimumRate` on average never exceeds it, however large it
/// is, but one with a byte a second does. Time in which this side does not read, or has no bytes to
/// send yet, does not count.
struct TransferClock {
    typealias Instant = ContinuousClock.Instant

    /// Bytes per second.
    static let minimumRate = 1024
    /// The idle limit for the rest of an error response that arrives while the request is still being sent.
    static let earlyRefusal = Duration.seconds(1)

    let timeouts: Timeouts
    let start: Instant
    private(set) var isConnected = false
    private var lastActivity: Instant
    private var pausedSince: Instant?
    private var paused = Duration.zero
    private var bytes = 0
    private var lastSample: (at: Instant, sent: Int64)
    /// Whether an error or redirect response arrived while the request was being sent.
    var isRefusedEarly = false
    /// Whether the body of the request is being sent.
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

    /// Whether the number of sent bytes must be sampled: libcurl does not report the progress of a slow
    /// upload.
    func isSampleDue(at now: Instant) -> Bool { isSending && pausedSince == nil && now >= nextSample }

    mutating func recordSample(_ sent: Int64, at now: Instant) {
        if sent != lastSample.sent { lastActivity = now }
        lastSample = (now, sent)
    }

    /// Returns the limit that is exceeded; `nil` if none is.
    func expiredLimit(at now: Instant) -> HTTPError.TimeLimit? {
        if let deadline = timeouts.deadline, now >= start + deadline { return .deadline }
        guard isConnected else { return now >= start + timeouts.connect ? .connect : nil }
        guard pausedSince == nil else { return nil }
        if now >= lastActivity + idle { return .idle }
        return timeouts.hasTotal && now >= start + total ? .total : nil
    }

    /// The next time when a limit may be exceeded or a sample is due; `nil` if there is none.
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

/// Counter of the network traffic of one task: requests (including retries and redirects) and bytes of
/// bodies.
package final class TrafficCounter: Sendable {
    private let countedRequests = Atomic<Int>(0)
    private let countedSent = Atomic<Int>(0)
    private let countedReceived = Atomic<Int>(0)

    package init() {}

    package var requests: Int { countedRequests.load(ordering: .relaxed) }
    /// The bytes of request bodies passed to the connection.
    package var bytesSent: Int { countedSent.load(ordering: .relaxed) }
    /// The bytes of response bodies after decompression.
    package var bytesReceived: Int { countedReceived.load(ordering: .relaxed) }

    func addRequest() { countedRequests.add(1, ordering: .relaxed) }
    func addSent(_ count: Int) { countedSent.add(count, ordering: .relaxed) }
    func addReceived(_ count: Int) { countedReceived.add(count, ordering: .relaxed) }
}
