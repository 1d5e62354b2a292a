import Foundation
import Testing

@testable import HTTPServer

/// A TCP client that sends texts unchanged, without HTTP logic.
struct RawClient: Sendable {
    let socket: Socket

    init(port: UInt16) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let status = withUnsafeBytes(of: &address) { bytes in
            connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        try #require(status == 0)
        socket = Socket(owning: descriptor)
    }

    func send(_ text: String) async throws { try await socket.write(Array(text.utf8)) }

    /// Reads until the text is received or the server closes the connection.
    func read(until mark: String) async throws -> String {
        var text = ""
        while !text.contains(mark), let bytes = try await socket.read() {
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    func readAll() async throws -> String { try await read(until: "\u{0}never") }
}

/// Starts a server, and stops it when `work` returns or throws.
func serving(
    _ handler: @escaping Handler, _ work: (RawClient, Server) async throws -> Void
) async throws {
    let server = try Server(Listener(), handler: handler)
    do {
        try await work(RawClient(port: server.port), server)
        await server.stop()
    } catch {
        await server.stop()
        throw error
    }
}
