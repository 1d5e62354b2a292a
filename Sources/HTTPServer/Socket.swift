import Essentials

#if canImport(Glibc)
    private let streamType = Int32(SOCK_STREAM.rawValue)
#else
    private let streamType = SOCK_STREAM
#endif

/// A connected stream socket with non-blocking reads and writes, closed with its last reference. Only
/// one task may read and one may write at a time.
final class Socket: Sendable {
    let descriptor: Int32

    /// Takes ownership of the descriptor.
    init(owning descriptor: Int32) {
        Self.makeNonBlocking(descriptor)
        self.descriptor = descriptor
    }

    /// Reads the next bytes; `nil` at the end. Throws `CancellationError`, or `Disconnected`.
    func read(upTo limit: Int = 64 * 1024) async throws -> [UInt8]? {
        while true {
            if let bytes = try receive(upTo: limit) { return bytes.isEmpty ? nil : bytes }
            guard await waitToRead() else { throw CancellationError() }
        }
    }

    /// Reads the bytes that are available without waiting; empty at the end, `nil` if none are
    /// available. Throws `Disconnected`.
    func receive(upTo limit: Int = 64 * 1024) throws(Disconnected) -> [UInt8]? {
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                let received = recv(descriptor, buffer.baseAddress, limit, 0)
                failure = received < 0 ? errno : 0
                count = max(received, 0)
            }
            if failure == 0 { return bytes }
            guard Self.isTemporary(failure) else { throw Disconnected() }
            if failure != EINTR { return nil }
        }
    }

    /// Writes all bytes. Returns when the system has accepted them. Throws `CancellationError`, or
    /// `Disconnected`.
    func write(_ bytes: [UInt8]) async throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Self.sendFlags)
            }
            if count >= 0 {
                sent += count
                continue
            }
            let failure = errno
            guard Self.isTemporary(failure) else { throw Disconnected() }
            if failure != EINTR, await !Poller.shared.wait(for: .write, on: descriptor) {
                throw CancellationError()
            }
        }
    }

    /// Waits until bytes or connections are available, or the socket is closed; false if the task was
    /// cancelled.
    func waitToRead() async -> Bool { await Poller.shared.wait(for: .read, on: descriptor) }
    /// Shuts down the writing direction.
    func finishWriting() { _ = shutdown(descriptor, Int32(SHUT_WR)) }
    /// Shuts down both directions, which also wakes waiting readers and writers.
    func hangUp() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { _ = systemClose(descriptor) }

    /// Creates two connected sockets; the second is for a child process.
    static func pair() throws -> (parent: Socket, child: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, streamType, 0, &ends) == 0 else { throw SystemError("socketpair") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (Socket(owning: ends[0]), ends[1])
    }

    private static func isTemporary(_ failure: Int32) -> Bool {
        failure == EAGAIN || failure == EWOULDBLOCK || failure == EINTR
    }

    private static func makeNonBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        #if canImport(Darwin)
            var enabled: Int32 = 1
            _ = setsockopt(
                descriptor, SOL_SOCKET, SO_NOSIGPIPE, &enabled, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    #if canImport(Darwin)
        private static let sendFlags: Int32 = 0
    #else
        private static let sendFlags = Int32(MSG_NOSIGNAL)
    #endif
}

/// `close(2)` by a name that is not hidden by methods called `close`.
func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
