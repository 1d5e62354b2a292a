import Foundation
import Synchronization

/// A server on a loopback port that answers by a function of the request, one request a connection, and keeps what it
/// was asked.
package final class RegistryServer: Sendable {
    package struct Call: Hashable, Sendable {
        package var method: String
        /// With its query.
        package var path: String
        /// Names in lower case.
        package var headers: [String: String]
        /// `GET /v2/…`
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
    private let heard = Mutex<[Call]>([])
    private let respond: @Sendable (Call) -> Answer

    package init(_ respond: @escaping @Sendable (Call) -> Answer) throws {
        self.respond = respond
        (listener, port) = try ScriptedServer.listen()
        let listener = listener
        // Only this thread closes the listener: a closed number may be another server's a moment later.
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
    /// What was asked so far.
    package var calls: [Call] { heard.withLock { $0 } }
    package var lines: [String] { calls.map(\.line) }

    private func serve(_ connection: Int32) {
        guard let call = Self.read(connection) else { return }
        heard.withLock { $0.append(call) }
        let answer = respond(call)
        let head =
            ["HTTP/1.1 \(answer.status) Word", "Content-Length: \(answer.body.count)", "Connection: close"]
            + answer.headers + ["", ""]
        var rest = (Array(head.joined(separator: "\r\n").utf8) + (call.method == "HEAD" ? [] : answer.body))[
            ...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                #else
                    Foundation.send(connection, bytes.baseAddress, bytes.count, 0)
                #endif
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func read(_ connection: Int32) -> Call? {
        var (bytes, byte): ([UInt8], UInt8) = ([], 0)
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard bytes.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        let fields = lines.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return Call(
            method: String(words[0]), path: String(words[1]),
            headers: Dictionary(fields) { first, _ in first })
    }
}
