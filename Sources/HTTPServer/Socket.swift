import Essentials

#if canImport(Glibc)
    private let streamType = Int32(SOCK_STREAM.rawValue)
#else
    private let streamType = SOCK_STREAM
#endif

/// One end of a connected stream: read and written without blocking a thread, closed with its last reference.
/// One task reads and one writes at a time.
final class Socket: Sendable {
    let descriptor: Int32

    /// Takes the descriptor over.
    init(owning descriptor: Int32) {
        Self.makeNonBlocking(descriptor)
        self.descriptor = descriptor
    }

    /// The next bytes; nil at the end. Throws `CancellationError`, or `Disconnected`.
    func read(upTo limit: Int = 64 * 1024) async throws -> [UInt8]? {
        while true {
            if let bytes = try receive(upTo: limit) { return bytes.isEmpty ? nil : bytes }
            guard await waitToRead() else { throw CancellationError() }
        }
    }

    /// What has come already, empty at the end; nil when nothing has. Throws `Disconnected`.
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

    /// Returns when all is handed to the system. Throws `CancellationError`, or `Disconnected`.
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

    /// Waits until there is something to read or accept; false when cancelled or closed.
    func waitToRead() async -> Bool { await Poller.shared.wait(for: .read, on: descriptor) }
    /// Tells the other side that nothing more comes.
    func finishWriting() { _ = shutdown(descriptor, Int32(SHUT_WR)) }
    /// Ends both directions; whoever reads or writes is woken by it.
    func hangUp() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { _ = systemClose(descriptor) }

    /// Two connected ends; the second is meant for a child process.
    static func pair() throws -> (ours: Socket, theirs: Int32) {
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
            var yes: Int32 = 1
            _ = setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    #if canImport(Darwin)
        private static let sendFlags: Int32 = 0
    #else
        private static let sendFlags = Int32(MSG_NOSIGNAL)
    #endif
}

/// `close` by a name that no method hides.
func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
