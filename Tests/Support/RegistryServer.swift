import Foundation
import Synchronization

/// An HTTP server on a loopback port whose responses are a function of the request. It handles one
/// request per connection and records the requests.
package final class RegistryServer: Sendable {
    package struct Call: Hashable, Sendable {
        package var method: String
        /// The request target: path and query.
        package var path: String
        /// The header fields, with their names in lower case.
        package var headers: [String: String]
        /// Method and target, as in `GET /v2/…`.
        package var line: String { "\(method) \(path)" }
    }

    package struct Answer: Sendable {
        package var status: Int
        package var headers: [String]
        package var body: [UInt8]

        package init(_ status: Int, _ headers: [String] = [], _ body: [UInt8] = []) {
            (self.status, self.headers, self.body) = (status, headers, body)
        }
        package init(_ status: Int, _ headers: [String] = [], text: String) {
            self.init(status, headers, Array(text.utf8))
        }
    }

    package let port: UInt16
    private let listener: Int32
    private let received = Mutex<[Call]>([])
    private let respond: @Sendable (Call) -> Answer

    package init(_ respond: @escaping @Sendable (Call) -> Answer) throws {
        self.respond = respond
        (listener, port) = try ScriptedServer.listen()
        let listener = listener
        // Only this thread closes the listener: a closed descriptor number can be reused by another
        // server at once.
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                self?.serve(connection)
                close(connection)
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    package var host: String { "127.0.0.1:\(port)" }
    /// The requests so far.
    package var calls: [Call] { received.withLock { $0 } }
    package var lines: [String] { calls.map(\.line) }

    private func serve(_ connection: Int32) {
        guard let call = Self.read(connection) else { return }
        received.withLock { $0.append(call) }
        let answer = respond(call)
        let head =
            ["HTTP/1.1 \(answer.status) Word", "Content-Length: \(answer.body.count)", "Connection: close"]
            + answer.headers + ["", ""]
        var remaining =
            (Array(head.joined(separator: "\r\n").utf8) + (call.method == "HEAD" ? [] : answer.body))[
                ...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                #else
                    Foundation.send(connection, bytes.baseAddress, bytes.count, 0)
                #endif
            }
            guard count > 0 else { return }
            remaining = remaining.dropFirst(count)
        }
    }

    private static func read(_ connection: Int32) -> Call? {
        var (bytes, byte): ([UInt8], UInt8) = ([], 0)
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard bytes.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        let requestLine = lines[0].split(separator: " ")
        guard requestLine.count == 3 else { return nil }
        let fields = lines.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return Call(
            method: String(requestLine[0]), path: String(requestLine[1]),
            headers: Dictionary(fields) { first, _ in first })
    }
}
