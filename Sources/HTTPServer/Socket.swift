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

/// A listening IPv4 socket.
package struct Listener: Sendable {
    private let socket: Socket
    /// The port, also if the system chose it.
    package let port: UInt16

    /// Opens the socket and listens.
    /// - Parameter port: 0 for a free port chosen by the system.
    /// - Throws: `SystemError`.
    package init(host: String = "127.0.0.1", port: UInt16 = 0) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw SystemError("bind \(host)", code: EADDRNOTAVAIL)
        }
        let descriptor = Self.makeSocket()
        guard descriptor >= 0 else { throw SystemError("socket") }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return false
            }
            return bind(descriptor, pointer, length) == 0 && listen(descriptor, 128) == 0
                && getsockname(descriptor, pointer, &length) == 0
        }
        guard isListening else {
            let failure = SystemError("listen on \(host):\(port)")
            _ = systemClose(descriptor)
            throw failure
        }
        socket = Socket(owning: descriptor)
        self.port = UInt16(bigEndian: address.sin_port)
    }

    /// Accepts the next connection; `nil` if the task was cancelled.
    func accept() async -> Socket? {
        while !Task.isCancelled {
            let descriptor = systemAccept(socket.descriptor)
            if descriptor >= 0 { return Socket(owning: descriptor) }
            // No descriptors are left: waits until others are closed, instead of a busy loop.
            let isFull = errno == EMFILE || errno == ENFILE
            if isFull { try? await Task.sleep(for: .milliseconds(50)) }
            guard await socket.waitToRead() else { return nil }
        }
        return nil
    }

    private static func makeSocket() -> Int32 {
        let descriptor = systemSocket(AF_INET, streamType, 0)
        var enabled: Int32 = 1
        _ = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &enabled, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }
}

private func systemSocket(_ family: Int32, _ type: Int32, _ kind: Int32) -> Int32 {
    socket(family, type, kind)
}

private func systemAccept(_ descriptor: Int32) -> Int32 {
    let connection = accept(descriptor, nil, nil)
    var enabled: Int32 = 1
    _ = setsockopt(
        connection, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
    return connection
}

/// Request-response channel from a script to this process: two named pipes, `ask` and `answer`, in a
/// separate folder. The script ends its request with a line `.`.
///
/// This process keeps both pipes open for reading and writing, so that the script never blocks in
/// `open`, and reads end of file if this process dies.
package final class NamedPipeChannel: Sendable {
    package let folder: URL
    private let requestPipe: Int32
    private let responsePipe: Int32

    /// Creates the folder and its pipes.
    package init(in parent: URL) throws {
        folder = parent.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        requestPipe = try Self.makePipe(folder.appendingPathComponent("request").path)
        responsePipe = try Self.makePipe(folder.appendingPathComponent("response").path)
    }

    /// Waits for the next request and returns its lines. Throws `CancellationError`.
    package func readRequest() async throws -> [String] {
        var bytes: [UInt8] = []
        while !Self.isComplete(bytes) {
            guard await Poller.shared.wait(for: .read, on: requestPipe) else { throw CancellationError() }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = Essentials.read(requestPipe, &buffer, buffer.count)
            if count > 0 { bytes += buffer[..<count] }
        }
        return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast(2).map(String.init)
    }

    /// Sends a reply. Lines beyond 60,000 bytes are dropped, so that the reply fits into the pipe's buffer.
    package func reply(_ lines: [String], last: String) {
        var included: [String] = [], size = last.utf8.count + 1
        for line in lines where size + line.utf8.count < 60_000 {
            included.append(line)
            size += line.utf8.count + 1
        }
        let bytes = Array((included + [last, ""]).joined(separator: "\n").utf8)
        _ = Essentials.write(responsePipe, bytes, bytes.count)
    }

    private static func isComplete(_ bytes: [UInt8]) -> Bool {
        bytes.suffix(3) == [10, 46, 10] || bytes == [46, 10]
    }

    private static func makePipe(_ path: String) throws -> Int32 {
        guard mkfifo(path, 0o600) == 0 else { throw SystemError("mkfifo") }
        let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open") }
        return descriptor
    }

    deinit {
        _ = systemClose(requestPipe)
        _ = systemClose(responsePipe)
        try? FileManager.default.removeItem(at: folder)
    }
}
