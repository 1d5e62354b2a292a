import Essentials
import Synchronization

/// A running request, shared by the reader of the response and the transfer thread. It ends once: by
/// the server, by a limit, or by the reader.
final class RequestTask: Sendable {
    /// The result of delivering bytes of the body: accepted, not accepted because the buffer is full,
    /// or the request has ended.
    enum Delivery { case accepted, full, over }

    private struct State {
        var header: ResponseHeader?
        var buffer = Data()
        /// Whether the transfer is paused until the buffer is read.
        var isFull = false
        var isOver = false
        var failure: HTTPError?
        var reader: CheckedContinuation<Void, Never>?
    }

    let request: HTTPClientRequest
    /// The host, with the port if it is not the scheme's default, for messages.
    let host: String
    let timeouts: Timeouts
    let network: NetworkSettings
    let meter: TrafficCounter?
    private let loop: CurlLoop
    private let onEnd: @Sendable () -> Void
    private let state = Mutex(State())

    /// The buffered bytes of a response from which on the transfer is paused.
    private static let bufferLimit = 256 << 10

    /// - Parameter onEnd: called once, when the transfer has released its connection.
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

    /// Resumes the transfer after the request's body has new bytes.
    func resumeSending() { loop.send(.resume(self)) }

    /// Cancels the request.
    func cancel() {
        guard end(.cancelled) else { return }
        loop.send(.stop(self))
    }
}

/// The interface for the transfer thread.
extension RequestTask {
    var isOver: Bool { state.withLock { $0.isOver } }

    func deliver(_ header: ResponseHeader) {
        change { $0.header = header }
    }

    /// Buffers bytes of the body, unless the buffer is full.
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

    /// Ends the response, with an error if it failed. Later calls have no effect.
    /// - Returns: whether this call ended the response.
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

    /// Called when the transfer has released its connection.
    func release() { onEnd() }

    private func change(_ change: (inout State) -> Void) {
        let reader = state.withLock { state in
            change(&state)
            return state.reader.take()
        }
        reader?.resume()
    }
}

/// The interface for the reader of the response.
extension RequestTask {
    /// Waits for the header of the response.
    func header(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> ResponseHeader {
        while true {
            try throwIfCancelled()
            let (header, isOver, failure) = state.withLock { ($0.header, $0.isOver, $0.failure) }
            if let header { return header }
            if let failure { throw failure }
            guard !isOver else { throw .broken(host: host, "no response") }
            await waitForChange(isolation: actor) { $0.header != nil }
        }
    }

    /// Waits for more bytes of the body. Returns `nil` at the end of the body.
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
                let previous = state.withLock { state -> CheckedContinuation<Void, Never>? in
                    guard !state.isOver, !isReady(state) else { return continuation }
                    defer { state.reader = continuation }
                    return state.reader
                }
                previous?.resume()
            }
        } onCancel: {
            cancel()
        }
    }
}

/// Reference to a response's body that cancels the request on `deinit`.
final class ResponseBody: Sendable {
    let task: RequestTask

    init(_ task: RequestTask) { self.task = task }

    deinit { task.cancel() }
}
