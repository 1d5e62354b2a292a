import Dispatch
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One request on the wire and what comes of it, as a stream of events. It ends once, by whoever ends it first: the
/// server, a limit, the reader.
final class Exchange: Sendable {
    typealias Events = AsyncThrowingStream<Event, any Error>

    enum Event: Sendable {
        case head(status: Int, headers: Headers, url: URL)
        case data(Data)
        case end
    }

    let request: Request
    let host: String
    let meter: Meter?
    private let output: Events.Continuation
    private let state = Mutex(State())

    struct State {
        var task: URLSessionTask?
        var watch: Task<Void, Never>?
        var isOver = false
        /// Counts signs of life, for the idle limit.
        var signs = 0
        var hasHead = false
        var status = 0
        var sent: Int64 = 0
        var received = 0
        /// The answer came while the body was still going, and it is no success: it stands.
        var isFinalEarly = false
        var expected: Int64 = -1
        var closes = false
        var onEnd: (@Sendable (_ isKept: Bool) -> Void)?
    }

    private init(_ request: Request, _ meter: Meter?, _ output: Events.Continuation) {
        (self.request, self.meter, self.output) = (request, meter, output)
        host = Origin(request.url)?.description ?? request.url.host ?? "?"
    }

    /// An exchange and what will come of it. The exchange does not hold its events: it ends when nobody else does.
    static func make(_ request: Request, meter: Meter?) -> (Exchange, Events) {
        let (events, output) = Events.makeStream()
        return (Exchange(request, meter, output), events)
    }

    /// Signs of life so far, and whether the server is known to be reached.
    var progress: (signs: Int, isReached: Bool) { state.withLock { ($0.signs, $0.signs > 0) } }

    /// Hands the exchange its task, to be cancelled when nobody reads on.
    func begin(
        _ task: URLSessionTask, watch: Task<Void, Never>, onEnd: @escaping @Sendable (_ isKept: Bool) -> Void
    ) {
        let isOver = state.withLock { state in
            (state.task, state.watch) = (task, watch)
            if !state.isOver { state.onEnd = onEnd }
            return state.isOver
        }
        guard !isOver else {
            onEnd(false)
            return stop(task, watch)
        }
        output.onTermination = { [weak self] _ in self?.end(.cancelled) }
        meter?.request()
        Self.door.async { task.resume() }
    }

    /// Ends the exchange, with a failure or well; later calls change nothing.
    func end(_ failure: HTTPFailure?) {
        let (wasOver, before) = state.withLock { state in
            defer { (state.isOver, state.task, state.watch, state.onEnd) = (true, nil, nil, nil) }
            return (state.isOver, state)
        }
        guard !wasOver else { return }
        before.onEnd?(failure == nil && !before.closes && before.task == nil)
        if let failure {
            output.finish(throwing: failure)
        } else {
            output.yield(.end)
            output.finish()
        }
        stop(before.task, before.watch)
    }

    private func stop(_ task: URLSessionTask?, _ watch: Task<Void, Never>?) {
        watch?.cancel()
        if let task { Self.door.async { task.cancel() } }
    }

    /// Starting and cancelling wait for the session's own queue, which may be in a callback of ours, or in a slow body
    /// stream: never from a callback, nor from Swift's threads.
    private static let door = DispatchQueue(label: "spacesync.http.door")
}

extension Exchange {
    func didSend(_ count: Int64) {
        state.withLock { ($0.signs, $0.sent) = ($0.signs + 1, $0.sent + count) }
        meter?.sent(Int(count))
    }

    func didReceive(_ response: HTTPURLResponse) {
        let isNew = state.withLock { state in
            defer { (state.hasHead, state.signs) = (true, state.signs + 1) }
            state.closes = response.value(forHTTPHeaderField: "Connection")?.lowercased() == "close"
            state.status = response.statusCode
            state.expected = response.expectedContentLength
            state.isFinalEarly = response.statusCode >= 300 && state.sent < request.body.length
            return !state.hasHead && !state.isOver
        }
        guard isNew else { return }
        output.yield(
            .head(
                status: response.statusCode, headers: Headers(response), url: response.url ?? request.url))
    }

    func didReceive(_ data: Data) {
        guard !data.isEmpty else { return }
        let (total, isWhole, status) = state.withLock { state in
            (state.signs, state.received) = (state.signs + 1, state.received + data.count)
            return (
                state.received, state.isFinalEarly && Int64(state.received) >= state.expected,
                state.isOver ? 0 : state.status
            )
        }
        meter?.received(data.count)
        guard total <= request.responseLimit else {
            return end(.tooLong(host: host, limit: request.responseLimit))
        }
        if let sink = request.sink, (200..<300).contains(status) || status == 0 {
            if status != 0, !sink(status, data) { end(.cancelled) }
        } else {
            output.yield(.data(data))
        }
        if isWhole { end(nil) }
    }

    func didComplete(_ response: HTTPURLResponse?, _ error: (any Error)?) {
        // What is complete must not be cancelled: its connection is to be used again.
        state.withLock { $0.task = nil }
        if let error {
            return isFinalEarly ? end(nil) : end(HTTPFailure(error, at: host))
        }
        if let response { didReceive(response) }
        end(nil)
    }

    /// A kept connection broke after our body began to leave: whether the server acts on it cannot be known, so this
    /// layer never sends it again.
    func cannotRewind() {
        end(.broken(host: host, "the connection was closed while the request was being sent"))
    }

    /// The server has answered for good, although we are still sending (`URLSession` would wait for ever).
    var isFinalEarly: Bool { state.withLock { $0.isFinalEarly } }
}

extension Request.Body {
    /// Bytes to be sent.
    var length: Int64 {
        switch self {
        case .none: 0
        case .bytes(let data): Int64(data.count)
        case .stream(let length, _): length
        }
    }
}

extension Headers {
    init(_ response: HTTPURLResponse) {
        self = [:]
        let fields = response.allHeaderFields.map { ("\($0.key)", "\($0.value)") }
        for (name, value) in fields.sorted(by: { $0.0 < $1.0 }) { append(name, value) }
    }
}
