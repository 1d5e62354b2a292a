import Essentials

/// One client's connection: request after request, until one of the two has enough.
struct Connection: Sendable {
    private let socket: Socket
    private let number: Int
    private let inflow: RequestReader
    private let handler: Handler
    private let observer: Server.Observer

    init(_ socket: Socket, _ number: Int, _ options: Server.Options, handler: @escaping Handler) {
        (self.socket, self.number) = (socket, number)
        inflow = RequestReader(socket, idleLimit: options.idleLimit)
        (self.handler, observer) = (handler, options.observer)
    }

    func serve() async {
        do {
            while !Task.isCancelled, try await serveNextRequest() {}
        } catch let malformed as BadRequest {
            let answer = Response.text(malformed.reason + "\n", status: malformed.status)
            _ = try? await send(answer, to: nil, keepsAlive: false, started: Date())
        } catch is HangUp {
            return socket.hangUp()
        } catch {
            // The client left, or the server stops: there is nobody to tell.
        }
        await linger()
    }

    /// One request and its answer; false when it was the last.
    private func serveNextRequest() async throws -> Bool {
        guard let head = try await inflow.readHead() else { return false }
        let started = Date()
        let inflow = inflow
        let body: Int? = if case .length(let count) = head.framing { count } else { nil }
        let request = Request(
            head.method, head.target, fields: head.fields,
            body: head.framing == .none
                ? .none : RequestBody(length: body) { try await inflow.readBody(upTo: $0) })
        let answer = await Self.handle(request, by: handler)
        let isBroken = await inflow.isBroken
        let keepsAlive = head.keepsAlive && answer.cutAfter == nil && !isBroken
        guard try await send(answer, to: head, keepsAlive: keepsAlive, started: started) else { return false }
        return keepsAlive ? try await inflow.skipBody() : false
    }

    private static func handle(_ request: Request, by handler: Handler) async -> Response {
        do {
            return try await handler(request)
        } catch let malformed as BadRequest {
            return .text(malformed.reason + "\n", status: malformed.status)
        } catch {
            return .text("Internal Server Error\n", status: 500)
        }
    }

    /// Returns whether the answer is whole.
    private func send(_ response: Response, to head: RequestHead?, keepsAlive: Bool, started: Date)
        async throws -> Bool
    {
        let outflow = ResponseWriter(socket, cutAfter: response.cutAfter)
        let isSilent = head?.method == "HEAD" || !response.hasBody
        func note() async {
            guard let head else { return }
            await observer(
                AccessLogEntry(
                    method: head.method, target: head.target, fields: head.fields, status: response.status,
                    requestBytes: await inflow.bodyBytes, responseBytes: await outflow.bodyBytes,
                    connection: number, started: started, seconds: Date().timeIntervalSince(started)))
        }
        if response.hangsUp {
            await note()
            throw HangUp()
        }
        do {
            // The fault "no answer at all": the work is done, nothing is said.
            if (response.cutAfter ?? 0) < 0 {
                try await writeBody(response.body, into: outflow, watching: false)
                await note()
                return false
            }
            try await outflow.writeHead(response, length: response.body.length, keepsAlive: keepsAlive)
            if !isSilent { try await writeBody(response.body, into: outflow, watching: head != nil) }
            // Told before the last byte leaves: whoever has the whole answer finds it in the record.
            await note()
            if await outflow.isCut { return false }
            if !isSilent { try await outflow.finish() }
            return true
        } catch {
            await note()
            throw error
        }
    }

    private func writeBody(_ body: Response.Body, into outflow: ResponseWriter, watching: Bool) async throws {
        switch body {
        case .none: break
        case .bytes(let bytes): try await outflow.writeBody(bytes)
        case .file(let path, let offset, let length):
            try await FileRange(path: path, offset: offset, length: length).send(to: outflow)
        case .stream(_, let produce):
            try await whileConnected {
                try await produce(ResponseBodyWriter { try await outflow.writeBody($0) })
            }
        }
    }

    /// Cancels the work when the client leaves.
    private func whileConnected(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let inflow = inflow
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await inflow.waitUntilClosed()
                throw Disconnected()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Closing at once, with bytes unread, would make the system throw away the answer on its way.
    private func linger() async {
        socket.finishWriting()
        let socket = socket
        let alarm = Task {
            try await Task.sleep(for: .seconds(2))
            socket.hangUp()
        }
        defer { alarm.cancel() }
        while let bytes = try? await socket.read(), !bytes.isEmpty {}
    }
}

/// The rehearsed fault "closed at once", also while the client is sending.
private struct HangUp: Error {}

extension Response.Body {
    /// Bytes, when they are known beforehand.
    var length: Int? {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .file(_, _, let length): length
        case .stream(let length, _): length
        }
    }
}
