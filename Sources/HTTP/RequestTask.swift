import Essentials
import Synchronization

/// One request on its way, shared by whoever reads the response and the thread that does the transfer. It ends once:
/// by the server, a limit, or the reader.
final class RequestTask: Sendable {
    /// What the transfer may still deliver.
    enum Delivery { case accepted, full, over }

    private struct State {
        var header: ResponseHeader?
        var buffer = Data()
        /// The transfer waits until the buffer is read.
        var isFull = false
        var isOver = false
        var failure: HTTPError?
        var reader: CheckedContinuation<Void, Never>?
    }

    let request: HTTPClientRequest
    /// For messages: host, with the port when it is not the scheme's own.
    let host: String
    let timeouts: Timeouts
    let network: NetworkSettings
    let meter: TrafficCounter?
    private let loop: CurlLoop
    private let onEnd: @Sendable () -> Void
    private let state = Mutex(State())

    /// Bytes of a response that wait for their reader; behind these, the server waits.
    private static let bufferLimit = 256 << 10

    /// - Parameter onEnd: called once, when the transfer needs no connection any more.
    init(
        _ request: HTTPClientRequest, _ timeouts: Timeouts, _ network: NetworkSettings,
        meter: TrafficCounter?,
        loop: CurlLoop = .shared, onEnd: @escaping @Sendable () -> Void
    ) {
        (self.request, self.timeouts, self.network, self.meter) = (request, timeouts, network, meter)
        (self.loop, self.onEnd) = (loop, onEnd)
        host = Origin(request.url)?.description ?? request.url.host ?? "?"
    }

    func start() {
        meter?.addRequest()
        loop.send(.start(self))
    }

    /// There are bytes of the request's body again.
    func resumeSending() { loop.send(.resume(self)) }

    /// Ends the exchange because nobody reads on.
    func cancel() {
        guard end(.cancelled) else { return }
        loop.send(.stop(self))
    }
}

/// The side of the transfer.
extension RequestTask {
    var isOver: Bool { state.withLock { $0.isOver } }

    func deliver(_ header: ResponseHeader) {
        change { $0.header = header }
    }

    /// Takes bytes of the body, unless enough of them wait already.
    func deliver(_ bytes: UnsafeRawBufferPointer) -> Delivery {
        let (delivery, reader) = state.withLock { state -> (Delivery, CheckedContinuation<Void, Never>?) in
            guard !state.isOver else { return (.over, nil) }
            guard state.buffer.count < Self.bufferLimit else {
                state.isFull = true
                return (.full, nil)
            }
            state.buffer.append(contentsOf: bytes)
            return (.accepted, state.reader.take())
        }
        reader?.resume()
        return delivery
    }

    /// Ends the response: well, or with a failure. Later calls change nothing.
    /// - Returns: whether it was this call that ended it.
    @discardableResult
    func end(_ failure: HTTPError?) -> Bool {
        let (isFirst, reader) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isOver else { return (false, nil) }
            (state.isOver, state.failure) = (true, failure)
            if failure == .cancelled { state.buffer = Data() }
            return (true, state.reader.take())
        }
        reader?.resume()
        return isFirst
    }

    /// The transfer holds no connection any more.
    func release() { onEnd() }

    private func change(_ change: (inout State) -> Void) {
        let reader = state.withLock { state in
            change(&state)
            return state.reader.take()
        }
        reader?.resume()
    }
}

/// The side of the reader.
extension RequestTask {
    /// Waits for the header of the response.
    func header(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> ResponseHeader {
        while true {
            try throwIfCancelled()
            let (header, isOver, failure) = state.withLock { ($0.header, $0.isOver, $0.failure) }
            if let header { return header }
            if let failure { throw failure }
            guard !isOver else { throw .broken(host: host, "no answer") }
            await waitForChange(isolation: actor) { $0.header != nil }
        }
    }

    /// Waits for more of the body; `nil` at its end.
    func bytes(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> Data? {
        while true {
            try throwIfCancelled()
            let (bytes, wasFull, isOver, failure) = state.withLock { state in
                defer { (state.buffer, state.isFull) = (Data(), false) }
                return (state.buffer, state.isFull, state.isOver, state.failure)
            }
            if wasFull { loop.send(.resume(self)) }
            if !bytes.isEmpty { return bytes }
            if let failure { throw failure }
            guard !isOver else { return nil }
            await waitForChange(isolation: actor) { !$0.buffer.isEmpty }
        }
    }

    private func throwIfCancelled() throws(HTTPError) {
        guard Task.isCancelled else { return }
        cancel()
        throw .cancelled
    }

    private func waitForChange(
        isolation actor: isolated (any Actor)?, _ isReady: @Sendable (borrowing State) -> Bool
    )
        async
    {
        await withTaskCancellationHandler {
            await withCheckedContinuation(isolation: actor) { continuation in
                let before = state.withLock { state -> CheckedContinuation<Void, Never>? in
                    guard !state.isOver, !isReady(state) else { return continuation }
                    defer { state.reader = continuation }
                    return state.reader
                }
                before?.resume()
            }
        } onCancel: {
            cancel()
        }
    }
}

/// The reader's hold on a response: the exchange ends when nobody holds it any more.
final class ResponseBody: Sendable {
    let task: RequestTask

    init(_ task: RequestTask) { self.task = task }

    deinit { task.cancel() }
}
