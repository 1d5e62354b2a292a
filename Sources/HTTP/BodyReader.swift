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
        var bytes = Data()
        var end: BodyRead?
        var isClosed = false
        var onReady: (@Sendable () -> Void)?
        var writer: CheckedContinuation<Void, Never>?
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
                let hasRoom = state.withLock { state in
                    guard !state.isClosed, state.bytes.count >= limit, !Task.isCancelled else { return true }
                    state.writer = room
                    return false
                }
                if hasRoom { room.resume() }
            }
        } onCancel: {
            state.withLock { $0.writer.take() }?.resume()
        }
        try Task.checkCancellation()
        let onReady = try state.withLock { state in
            guard !state.isClosed, state.end == nil else { throw Closed() }
            defer { state.bytes.append(more) }
            return state.bytes.isEmpty ? state.onReady : nil
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
        let (result, writer) = state.withLock { state -> (BodyRead, CheckedContinuation<Void, Never>?) in
            if case .failed? = state.end { return (state.end ?? .end, nil) }
            let count = min(buffer.count, state.bytes.count)
            guard count > 0 else { return (state.end ?? .waiting, nil) }
            state.bytes.copyBytes(to: buffer, count: count)
            state.bytes.removeFirst(count)
            return (.bytes(count), state.bytes.count < limit ? state.writer.take() : nil)
        }
        writer?.resume()
        return result
    }

    package func close() {
        let writer = state.withLock { state in
            (state.isClosed, state.bytes, state.onReady) = (true, Data(), nil)
            return state.writer.take()
        }
        writer?.resume()
    }
}
