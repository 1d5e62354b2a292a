import Essentials
import TextTools

/// A client's connection, which serves requests until the client or the server closes it.
struct Connection: Sendable {
    private let socket: Socket
    private let number: Int
    private let reader: RequestReader
    private let handler: Handler
    private let observer: Server.Observer

    init(_ socket: Socket, _ number: Int, _ options: Server.Options, handler: @escaping Handler) {
        (self.socket, self.number) = (socket, number)
        reader = RequestReader(socket, idleLimit: options.idleLimit)
        (self.handler, observer) = (handler, options.observer)
    }

    func serve() async {
        do {
            while !Task.isCancelled, try await serveNextRequest() {}
        } catch let error as BadRequest {
            let response = Response.text(error.reason + "\n", status: error.status)
            _ = try? await send(response, to: nil, keepsAlive: false, started: Date())
        } catch is HangUp {
            return socket.hangUp()
        } catch {
            // The client disconnected, or the server stops: no response can be sent.
        }
        await linger()
    }

    /// Serves one request.
    /// - Returns: false if it was the last one of the connection.
    private func serveNextRequest() async throws -> Bool {
        guard let head = try await reader.readHead() else { return false }
        let started = Date()
        let reader = reader
        let bodyLength: Int? = if case .length(let count) = head.framing { count } else { nil }
        let request = Request(
            head.method, head.target, fields: head.fields,
            body: head.framing == .none
                ? .none : RequestBody(length: bodyLength) { try await reader.readBody(upTo: $0) })
        let response = await Self.handle(request, by: handler)
        let isBroken = await reader.isBroken
        let keepsAlive = head.keepsAlive && response.cutAfter == nil && !isBroken
        guard try await send(response, to: head, keepsAlive: keepsAlive, started: started) else {
            return false
        }
        return keepsAlive ? try await reader.skipBody() : false
    }

    private static func handle(_ request: Request, by handler: Handler) async -> Response {
        do {
            return try await handler(request)
        } catch let error as BadRequest {
            return .text(error.reason + "\n", status: error.status)
        } catch {
            return .text("Internal Server Error\n", status: 500)
        }
    }

    /// Sends a response.
    /// - Returns: whether it was sent completely.
    private func send(_ response: Response, to head: RequestHead?, keepsAlive: Bool, started: Date)
        async throws -> Bool
    {
        let writer = ResponseWriter(socket, cutAfter: response.cutAfter)
        let isBodyOmitted = head?.method == "HEAD" || !response.hasBody
        func observe() async {
            guard let head else { return }
            await observer(
                AccessLogEntry(
                    method: head.method, target: head.target, fields: head.fields, status: response.status,
                    requestBytes: await reader.bodyBytes, responseBytes: await writer.bodyBytes,
                    connection: number, started: started, seconds: Date().timeIntervalSince(started)))
        }
        if response.hangsUp {
            await observe()
            throw HangUp()
        }
        do {
            // A negative `cutAfter` simulates a missing response: the body is produced, but nothing is sent.
            if (response.cutAfter ?? 0) < 0 {
                try await writeBody(response.body, into: writer, watching: false)
                await observe()
                return false
            }
            try await writer.writeHead(response, length: response.body.length, keepsAlive: keepsAlive)
            if !isBodyOmitted { try await writeBody(response.body, into: writer, watching: head != nil) }
            // Called before the last byte is sent, so that the log has the entry when the client has
            // the response.
            await observe()
            if await writer.isCut { return false }
            if !isBodyOmitted { try await writer.finish() }
            return true
        } catch {
            await observe()
            throw error
        }
    }

    private func writeBody(_ body: Response.Body, into writer: ResponseWriter, watching: Bool) async throws {
        switch body {
        case .none: break
        case .bytes(let bytes): try await writer.writeBody(bytes)
        case .file(let path, let offset, let length):
            try await FileRange(path: path, offset: offset, length: length).send(to: writer)
        case .stream(_, let produce):
            try await whileConnected {
                try await produce(ResponseBodyWriter { try await writer.writeBody($0) })
            }
        }
    }

    /// Runs the work, and cancels it if the client disconnects.
    private func whileConnected(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let reader = reader
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await reader.waitUntilClosed()
                throw Disconnected()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Reads and discards input for at most two seconds before closing: if a socket is closed with
    /// unread bytes, the system resets the connection and drops the response in transit (RFC 9112,
    /// 9.6).
    private func linger() async {
        socket.finishWriting()
        let socket = socket
        let timeout = Task {
            try await Task.sleep(for: .seconds(2))
            socket.hangUp()
        }
        defer { timeout.cancel() }
        while let bytes = try? await socket.read(), !bytes.isEmpty {}
    }
}

/// The simulated error of a connection that is closed immediately, even while the client is sending.
private struct HangUp: Error {}

extension Response.Body {
    /// The length in bytes; `nil` if it is not known in advance.
    var length: Int? {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .file(_, _, let length): length
        case .stream(let length, _): length
        }
    }
}

/// A range of a file that is sent to a client in pieces.
struct FileRange: Sendable {
    var path: String
    var offset: Int
    var length: Int

    /// Sends the range. If the file is shorter, the response is incomplete and the connection is closed.
    func send(to writer: ResponseWriter) async throws {
        let file = try ServedFile(reading: path)
        var sent = 0
        while sent < length {
            let piece = try file.bytes(at: max(offset, 0) + sent, upTo: min(length - sent, 512 * 1024))
            if piece.isEmpty { return }
            sent += piece.count
            try await writer.writeBody(piece)
        }
    }
}

/// An access log entry: one request and its response, as they were transferred.
package struct AccessLogEntry: Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var status: Int
    /// The bytes of the request's body.
    package var requestBytes: Int
    /// The bytes of the response's body.
    package var responseBytes: Int
    /// The number of the server's connection, from 1.
    package var connection: Int
    package var started: Date
    package var seconds: Double
}
