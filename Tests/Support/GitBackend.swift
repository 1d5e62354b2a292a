import Foundation
import Synchronization

/// An HTTP server that runs `git http-backend` on a free port of 127.0.0.1, for tests of the Git
/// protocol. It records the requests and can return faulty responses.
package final class GitBackend: Sendable {
    package struct Asked: Sendable {
        package var method: String
        /// The request target: path and query.
        package var target: String
        package var headers: [String: String]
        package var body: Data
        /// The last part of the path, without the query: `refs`, `git-upload-pack`, `git-receive-pack`.
        package var route: String {
            String((target.split(separator: "?").first ?? "").split(separator: "/").last ?? "")
        }
    }

    package enum Reply: Sendable {
        /// The response of `git http-backend`.
        case git
        /// The first bytes of the response of `git http-backend`; then the connection is closed.
        case cut(after: Int)
        /// No response, although Git has processed the request.
        case lost
        case text(status: Int, type: String, String)
    }

    private let root: GitFolder
    private let listener: Int32
    package let port: UInt16
    private let log = Mutex<[Asked]>([])
    private let reply = Mutex<@Sendable (Asked) -> Reply>({ _ in .git })

    /// Serves the repositories in a folder.
    package init(_ root: GitFolder) throws {
        self.root = root
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socket in
                bind(listener, socket, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, socket, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(listener) }

    package func url(_ repository: String) -> URL {
        URL(string: "http://127.0.0.1:\(port)/\(repository)") ?? URL(fileURLWithPath: "/")
    }

    package var asked: [Asked] { log.withLock { $0 } }
    package func forget() { log.withLock { $0 = [] } }
    package func answer(_ how: @escaping @Sendable (Asked) -> Reply) { reply.withLock { $0 = how } }

    /// Accepts connections until the body returns or throws.
    package func serving<Value>(_ body: () async throws -> Value) async throws -> Value {
        let accepting = Task { await accept() }
        defer {
            accepting.cancel()
            shutdown(listener, Int32(SHUT_RDWR))
        }
        return try await body()
    }

    private func accept() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let connection = await onNewThread { [listener] in Glibc.accept(listener, nil, nil) }
                guard connection >= 0 else { return }
                group.addTask { await self.serve(connection) }
            }
        }
    }

    private func serve(_ connection: Int32) async {
        defer { close(connection) }
        guard let asked = await onNewThread({ Self.read(connection) }) else { return }
        log.withLock { $0.append(asked) }
        let bytes = await answer(to: asked, reply.withLock { $0 }(asked))
        await onNewThread { Self.write(bytes, to: connection) }
    }

    private func answer(to asked: Asked, _ reply: Reply) async -> Data {
        if case .text(let status, let type, let text) = reply {
            let head = "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nConnection: close\r\n"
            let challenge = status == 401 ? "WWW-Authenticate: Basic realm=\"x\"\r\n" : ""
            return Data("\(head)\(challenge)Content-Length: \(text.utf8.count)\r\n\r\n\(text)".utf8)
        }
        let bytes = (try? await git(asked)) ?? Data("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n".utf8)
        switch reply {
        case .cut(let count): return bytes.prefix(count)
        case .lost: return Data()
        default: return bytes
        }
    }

    private func git(_ asked: Asked) async throws -> Data {
        let parts = asked.target.split(separator: "?", maxSplits: 1).map(String.init)
        var environment = gitEnvironment(home: root.path)
        environment.merge(
            [
                "GIT_PROJECT_ROOT": root.path, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": parts[0],
                "QUERY_STRING": parts.count > 1 ? parts[1] : "", "REQUEST_METHOD": asked.method,
                "CONTENT_TYPE": asked.headers["content-type"] ?? "", "REMOTE_USER": "me",
                "CONTENT_LENGTH": "\(asked.body.count)",
                "GIT_PROTOCOL": asked.headers["git-protocol"] ?? "",
            ], uniquingKeysWith: { $1 })
        let run = try await GitRun.of(
            ["-c", "safe.directory=*", "http-backend"], in: root.path, environment: environment,
            input: asked.body)
        guard let end = run.output.range(of: Data("\r\n\r\n".utf8)) else { throw POSIXError(.EIO) }
        let head = String(decoding: run.output[..<end.lowerBound], as: UTF8.self)
        let status =
            head.split(separator: "\r\n").first { $0.hasPrefix("Status: ") }?.dropFirst(8) ?? "200 OK"
        let body = run.output[end.upperBound...]
        let lines =
            "HTTP/1.1 \(status)\r\n\(head)\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
        return Data(lines.utf8) + body
    }
}

extension GitBackend {
    /// Reads one request, with a body of `Content-Length` bytes. Returns `nil` if the request is
    /// incomplete or malformed.
    private static func read(_ connection: Int32) -> Asked? {
        var bytes = Data()
        let mark = Data("\r\n\r\n".utf8)
        while bytes.range(of: mark) == nil { guard receiveMore(connection, &bytes) else { return nil } }
        guard let end = bytes.range(of: mark) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let requestLine = lines[0].split(separator: " ").map(String.init)
        guard requestLine.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if pair.count == 2 { headers[pair[0].lowercased()] = pair[1] }
        }
        var body = Data(bytes[end.upperBound...])
        let length = Int(headers["content-length"] ?? "0") ?? 0
        while body.count < length { guard receiveMore(connection, &body) else { return nil } }
        return Asked(method: requestLine[0], target: requestLine[1], headers: headers, body: body)
    }

    private static func receiveMore(_ connection: Int32, _ bytes: inout Data) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(connection, &buffer, buffer.count, 0)
        if count > 0 { bytes.append(contentsOf: buffer.prefix(count)) }
        return count > 0
    }

    private static func write(_ bytes: Data, to connection: Int32) {
        var remaining = Array(bytes)[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            remaining = remaining.dropFirst(count)
        }
    }
}

/// Runs a blocking function on a new thread: Dispatch's shared queues have few threads, and other
/// work waits for them.
private func onNewThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}
