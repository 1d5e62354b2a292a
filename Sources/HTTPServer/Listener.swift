import Essentials

#if canImport(Glibc)
    private let streamType = Int32(SOCK_STREAM.rawValue)
#else
    private let streamType = SOCK_STREAM
#endif

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
