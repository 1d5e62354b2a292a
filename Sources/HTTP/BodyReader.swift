import Essentials
import Synchronization

/// A source of the bytes of one request body. Opened, read and closed by the thread that sends them, so it should not
/// wait: a reader that has no bytes yet returns `.waiting`.
package protocol BodyReader: AnyObject {
    /// Called once, before the first `read`.
    /// - Parameter onReady: to be called from any thread when there are bytes again after `.waiting`.
    func start(_ onReady: @escaping @Sendable () -> Void)
    /// Writes the next bytes into the buffer, from its beginning.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead
    /// Called once, when nothing more is read: the body is complete, or the exchange has ended.
    func close()
}

extension BodyReader {
    package func start(_ onReady: @escaping @Sendable () -> Void) {}
    package func close() {}
}

/// The result of one `read`.
package enum BodyRead: Hashable, Sendable {
    /// At least one.
    case bytes(Int)
    case end
    /// No bytes yet.
    case waiting
    /// The body cannot be read to its end; with the reason.
    case failed(String)
}

/// A request body in memory.
package final class DataReader: BodyReader {
    private let data: Data
    private var offset: Int

    package init(_ data: Data) { (self.data, offset) = (data, data.startIndex) }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead {
        let count = min(buffer.count, data.endIndex - offset)
        guard count > 0 else { return .end }
        data.copyBytes(to: buffer, from: offset..<offset + count)
        offset += count
        return .bytes(count)
    }
}

/// A request body in a file.
package final class FileReader: BodyReader {
    private let file: Int32
    private var isClosed = false

    /// It cannot be opened; with the reason.
    private struct Unreadable: Error, CustomStringConvertible { let description: String }

    package init(_ path: String) throws {
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Unreadable(description: String(cString: strerror(errno))) }
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead {
        while true {
            let count = Essentials.read(file, buffer.baseAddress, buffer.count)
            guard count < 0 else { return count > 0 ? .bytes(count) : .end }
            guard errno == EINTR else { return .failed(String(cString: strerror(errno))) }
        }
    }

    package func close() {
        if !isClosed { _ = Essentials.close(file) }
        isClosed = true
    }

    deinit { close() }
}

/// A request body that is written while it is sent. A writer that is ahead of the connection waits.
package final class BodyPipe: BodyReader, Sendable {
    private struct State {
        /// As they were written. One buffer that is appended to and read from its beginning would keep all of it.
        var pieces: [Data] = []
        /// Bytes of the first piece that were read.
        var offset = 0
        var count = 0
        var end: BodyRead?
        var isClosed = false
        var onReady: (@Sendable () -> Void)?
        /// Wakes the writer, who waits for room.
        var wake: (@Sendable () -> Void)?

        mutating func append(_ more: Data) {
            pieces.append(more)
            count += more.count
        }

        /// - Returns: how many bytes; 0 when there are none.
        mutating func consume(into buffer: UnsafeMutableRawBufferPointer) -> Int {
            var taken = 0
            while let piece = pieces.first, taken < buffer.count {
                let part = piece.dropFirst(offset).prefix(buffer.count - taken)
                part.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: buffer[taken...]))
                (taken, offset) = (taken + part.count, offset + part.count)
                if offset == piece.count {
                    pieces.removeFirst()
                    offset = 0
                }
            }
            count -= taken
            return taken
        }
    }

    /// The other side has ended the exchange.
    package struct Closed: Error {}

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: bytes that are held at most, apart from the last write.
    package init(limit: Int = 1 << 20) { self.limit = limit }

    /// Appends bytes, after waiting until there is room.
    /// - Throws: `Closed` if nobody reads any more.
    package func write(_ more: Data) async throws {
        guard !more.isEmpty else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (room: CheckedContinuation<Void, Never>) in
                if Task.isCancelled || !registerIfFull(thenCall: { room.resume() }) { room.resume() }
            }
        } onCancel: {
            state.withLock { $0.wake.take() }?()
        }
        try Task.checkCancellation()
        try append(more)
    }

    /// The same for a thread that may block: none of Swift's pool.
    /// - Throws: `Closed` if nobody reads any more.
    package func writeBlocking(_ more: Data) throws {
        guard !more.isEmpty else { return }
        let room = DispatchSemaphore(value: 0)
        if registerIfFull(thenCall: { room.signal() }) { room.wait() }
        try append(more)
    }

    /// Whether there is no room now.
    /// - Parameter wake: called when there is, or nobody reads any more.
    private func registerIfFull(thenCall wake: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.count >= limit else { return false }
            state.wake = wake
            return true
        }
    }

    private func append(_ more: Data) throws {
        let onReady = try state.withLock { state in
            guard !state.isClosed, state.end == nil else { throw Closed() }
            defer { state.append(more) }
            return state.count == 0 ? state.onReady : nil
        }
        onReady?()
    }

    /// Ends the body: well, or with the reason why it cannot be written to its end.
    package func finish(failure: String? = nil) {
        let onReady = state.withLock { state in
            state.end = state.end ?? failure.map { .failed($0) } ?? .end
            return state.onReady
        }
        onReady?()
    }

    package func start(_ onReady: @escaping @Sendable () -> Void) {
        state.withLock { $0.onReady = onReady }
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead {
        let (result, wake) = state.withLock { state -> (BodyRead, (@Sendable () -> Void)?) in
            if case .failed? = state.end { return (state.end ?? .end, nil) }
            let count = state.consume(into: buffer)
            guard count > 0 else { return (state.end ?? .waiting, nil) }
            return (.bytes(count), state.count < limit ? state.wake.take() : nil)
        }
        wake?()
        return result
    }

    package func close() {
        let wake = state.withLock { state in
            (state.isClosed, state.pieces, state.count, state.onReady) = (true, [], 0, nil)
            return state.wake.take()
        }
        wake?()
    }

    /// Nobody reads any more.
    package var isClosed: Bool { state.withLock { $0.isClosed } }
}
