import Essentials

/// One client's connection: request after request, until one of the two has enough.
struct Connection: Sendable {
    private let socket: Socket
    private let number: Int
    private let inflow: Inflow
    private let handler: Handler
    private let observer: Server.Observer

    init(_ socket: Socket, _ number: Int, _ options: Server.Options, handler: @escaping Handler) {
        (self.socket, self.number) = (socket, number)
        inflow = Inflow(socket, idleLimit: options.idleLimit)
        (self.handler, observer) = (handler, options.observer)
    }

    func serve() async {
        do {
            while !Task.isCancelled, try await exchange() {}
        } catch let malformed as Malformed {
            let answer = Answer.text(malformed.reason + "\n", status: malformed.status)
            _ = try? await send(answer, to: nil, keepsAlive: false, started: Date())
        } catch is HangUp {
            return socket.hangUp()
        } catch {
            // The client left, or the server stops: there is nobody to tell.
        }
        await linger()
    }

    /// One request and its answer; false when it was the last.
    private func exchange() async throws -> Bool {
        guard let head = try await inflow.head() else { return false }
        let started = Date()
        let inflow = inflow
        let body: Int? = if case .length(let count) = head.framing { count } else { nil }
        let request = Incoming(
            head.method, head.target, fields: head.fields,
            body: head.framing == .none
                ? .none : IncomingBody(length: body) { try await inflow.body(upTo: $0) })
        let answer = await Self.answer(request, by: handler)
        let isBroken = await inflow.isBroken
        let keepsAlive = head.keepsAlive && answer.cutAfter == nil && !isBroken
        guard try await send(answer, to: head, keepsAlive: keepsAlive, started: started) else { return false }
        return keepsAlive ? try await inflow.skipBody() : false
    }

    private static func answer(_ request: Incoming, by handler: Handler) async -> Answer {
        do {
            return try await handler(request)
        } catch let malformed as Malformed {
            return .text(malformed.reason + "\n", status: malformed.status)
        } catch {
            return .text("Internal Server Error\n", status: 500)
        }
    }

    /// Returns whether the answer is whole.
    private func send(_ answer: Answer, to head: Head?, keepsAlive: Bool, started: Date) async throws -> Bool
    {
        let outflow = Outflow(socket, cutAfter: answer.cutAfter)
        let isSilent = head?.method == "HEAD" || !answer.hasBody
        func note() async {
            guard let head else { return }
            await observer(
                Exchange(
                    method: head.method, target: head.target, fields: head.fields, status: answer.status,
                    requestBytes: await inflow.bodyBytes, responseBytes: await outflow.bodyBytes,
                    connection: number, started: started, seconds: Date().timeIntervalSince(started)))
        }
        if answer.hangsUp {
            await note()
            throw HangUp()
        }
        do {
            // The fault "no answer at all": the work is done, nothing is said.
            if (answer.cutAfter ?? 0) < 0 {
                try await produce(answer.body, into: outflow, watching: false)
                await note()
                return false
            }
            try await outflow.head(answer, length: answer.body.length, keepsAlive: keepsAlive)
            if !isSilent { try await produce(answer.body, into: outflow, watching: head != nil) }
            // Told before the last byte leaves: whoever has the whole answer finds it in the record.
            await note()
            if await outflow.isCut { return false }
            if !isSilent { try await outflow.end() }
            return true
        } catch {
            await note()
            throw error
        }
    }

    private func produce(_ body: Answer.Body, into outflow: Outflow, watching: Bool) async throws {
        switch body {
        case .none: break
        case .bytes(let bytes): try await outflow.body(bytes)
        case .file(let path, let offset, let length):
            try await FilePart(path: path, offset: offset, length: length).send(to: outflow)
        case .stream(_, let produce):
            try await whileConnected { try await produce(Outlet { try await outflow.body($0) }) }
        }
    }

    /// Cancels the work when the client leaves.
    private func whileConnected(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let inflow = inflow
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await inflow.untilClosed()
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

extension Answer.Body {
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
