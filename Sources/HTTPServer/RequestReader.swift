/// What a client sends over one connection: heads and bodies in turn.
actor RequestReader {
    private let socket: Socket
    private let idleLimit: Duration
    private var buffer: [UInt8] = []
    private var decoder = BodyDecoder(.none)
    private var needsContinue = false
    /// A body that broke the rules: nobody knows where the next request begins.
    private(set) var isBroken = false
    /// Bytes of the current body so far.
    private(set) var bodyBytes = 0

    init(_ socket: Socket, idleLimit: Duration) { (self.socket, self.idleLimit) = (socket, idleLimit) }

    /// The next request's head; nil when the client closed the connection between two requests.
    func readHead() async throws -> RequestHead? {
        while true {
            if let head = try RequestHead.parse(from: &buffer) {
                (decoder, needsContinue, bodyBytes) = (BodyDecoder(head.framing), head.expectsContinue, 0)
                return head
            }
            guard try await fillBuffer() else { return nil }
        }
    }

    /// The next piece of the current body, of at most `limit` bytes; nil at its end.
    func readBody(upTo limit: Int = .max) async throws -> [UInt8]? {
        if needsContinue {
            needsContinue = false
            try await socket.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        while true {
            let piece = try buffer.isEmpty ? await readRaw(upTo: limit) : decodeBuffered(upTo: limit)
            bodyBytes += piece.count
            if !piece.isEmpty { return piece }
            if decoder.isDone { return nil }
            guard try await fillBuffer() else { throw Disconnected() }
        }
    }

    /// Straight from the socket, without the copies by way of the buffer; empty when something else comes first.
    private func readRaw(upTo limit: Int) async throws -> [UInt8] {
        let wanted = min(decoder.rawByteCount, limit, 256 * 1024)
        guard wanted > 0 else { return [] }
        guard let piece = try await readMore(upTo: wanted) else { throw Disconnected() }
        decoder.advance(piece.count)
        return piece
    }

    private func decodeBuffered(upTo limit: Int) throws(BadRequest) -> [UInt8] {
        do {
            return try decoder.decode(from: &buffer, upTo: limit)
        } catch {
            isBroken = true
            throw error
        }
    }

    /// Reads past what the handler left of the body. False when the connection cannot be used further: the rest is
    /// too long, or a client still waits for `100 Continue` and may send the body or not.
    func skipBody() async throws -> Bool {
        if needsContinue || isBroken { return false }
        let start = bodyBytes
        while try await readBody() != nil {
            if bodyBytes - start > 16 << 20 { return false }
        }
        return true
    }

    /// Returns when the client has left; never while it only is silent, or when it sends its next request early.
    func waitUntilClosed() async throws {
        guard decoder.isDone else { return try await Task.sleep(for: .seconds(86_400)) }
        while buffer.count < 64 * 1024 {
            guard let more = try await socket.read() else { return }
            buffer += more
        }
        try await Task.sleep(for: .seconds(86_400))
    }

    private func fillBuffer() async throws -> Bool {
        guard let more = try await readMore(upTo: 64 * 1024) else { return false }
        buffer += more
        return true
    }

    /// The next bytes; nil at the end. The alarm is set only when they are waited for.
    private func readMore(upTo limit: Int) async throws -> [UInt8]? {
        if let bytes = try socket.receive(upTo: limit) { return bytes.isEmpty ? nil : bytes }
        let patience = idleLimit, socket = socket
        let alarm = Task {
            try await Task.sleep(for: patience)
            socket.hangUp()
        }
        defer { alarm.cancel() }
        return try await socket.read(upTo: limit)
    }
}
