import Essentials
import Synchronization

/// A source of the bytes of one request body. It is opened, read and closed on the thread that sends
/// the body, so it must not block: a reader that has no bytes yet returns `.waiting`.
package protocol BodyReader: AnyObject {
    /// Called once, before the first `read`.
    /// - Parameter onReady: called by the reader, from any thread, when bytes are available again after
    ///   `.waiting`.
    func start(_ onReady: @escaping @Sendable () -> Void)
    /// Reads the next bytes into the buffer, from its start.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead
    /// Called once, after the last `read`: the body is complete, or the request has ended.
    func close()
}

extension BodyReader {
    package func start(_ onReady: @escaping @Sendable () -> Void) {}
    package func close() {}
}

/// The result of `BodyReader.read`.
package enum BodyRead: Hashable, Sendable {
    /// The number of bytes read, at least one.
    case bytes(Int)
    case end
    /// No bytes are available yet; the reader calls `onReady` when there are.
    case waiting
    /// Reading failed, with the reason.
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

    /// The error of a file that cannot be opened, with the reason.
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

/// A request body that is written while it is sent. Writing waits while `limit` bytes are buffered.
package final class BodyPipe: BodyReader, Sendable {
    private struct State {
        /// The pieces as they were written. A single buffer that is appended to and read from its start
        /// would keep the whole body in memory.
        var pieces: [Data] = []
        /// The number of bytes of the first piece that were read.
        var offset = 0
        var count = 0
        var end: BodyRead?
        var isClosed = false
        var onReady: (@Sendable () -> Void)?
        /// Wakes the writer that waits for space.
        var wake: (@Sendable () -> Void)?

        mutating func append(_ more: Data) {
            pieces.append(more)
            count += more.count
        }

        /// Moves bytes into the buffer.
        /// - Returns: the number of bytes; 0 if none are available.
        mutating func consume(into buffer: UnsafeMutableRawBufferPointer) -> Int {
            var copied = 0
            while let piece = pieces.first, copied < buffer.count {
                let part = piece.dropFirst(offset).prefix(buffer.count - copied)
                part.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: buffer[copied...]))
                (copied, offset) = (copied + part.count, offset + part.count)
                if offset == piece.count {
                    pieces.removeFirst()
                    offset = 0
                }
            }
            count -= copied
            return copied
        }
    }

    /// The error of writing after the request has ended.
    package struct Closed: Error {}

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: the buffered bytes from which on writing waits.
    package init(limit: Int = 1 << 20) { self.limit = limit }

    /// Appends bytes, after waiting until fewer than `limit` bytes are buffered.
    /// - Throws: `Closed` if the reader was closed or the body finished.
    package func write(_ more: Data) async throws {
        guard !more.isEmpty else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                if Task.isCancelled || !registerIfFull(thenCall: { continuation.resume() }) {
                    continuation.resume()
                }
            }
        } onCancel: {
            state.withLock { $0.wake.take() }?()
        }
        try Task.checkCancellation()
        try append(more)
    }

    /// Appends bytes like `write`, but blocks the thread: not for use on Swift's cooperative pool.
    /// - Throws: `Closed` if the reader was closed or the body finished.
    package func writeBlocking(_ more: Data) throws {
        guard !more.isEmpty else { return }
        let semaphore = DispatchSemaphore(value: 0)
        if registerIfFull(thenCall: { semaphore.signal() }) { semaphore.wait() }
        try append(more)
    }

    /// Registers a callback if the buffer is full.
    /// - Parameter wake: called once when there is space again, or the reader was closed.
    /// - Returns: whether the buffer is full.
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

    /// Ends the body.
    /// - Parameter failure: the reason why the body is incomplete; `nil` if it is complete.
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

    /// Whether the reader was closed.
    package var isClosed: Bool { state.withLock { $0.isClosed } }
}
