import TextTools

/// Reader of the requests of one connection: heads and bodies in turn.
actor RequestReader {
    private let socket: Socket
    private let idleLimit: Duration
    private var buffer: [UInt8] = []
    private var decoder = BodyDecoder(.none)
    private var needsContinue = false
    /// Whether a body was malformed, so that the start of the next request is unknown.
    private(set) var isBroken = false
    /// The number of bytes of the current body read so far.
    private(set) var bodyBytes = 0

    init(_ socket: Socket, idleLimit: Duration) { (self.socket, self.idleLimit) = (socket, idleLimit) }

    /// Reads the next request's head; `nil` if the client closed the connection between two requests.
    func readHead() async throws -> RequestHead? {
        while true {
            if let head = try RequestHead.parse(from: &buffer) {
                (decoder, needsContinue, bodyBytes) = (BodyDecoder(head.framing), head.expectsContinue, 0)
                return head
            }
            guard try await fillBuffer() else { return nil }
        }
    }

    /// Reads the next piece of the current body, of at most `limit` bytes; `nil` at its end.
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

    /// Reads directly from the socket, which avoids copying through the buffer. Returns an empty array
    /// if the next bytes on the connection are not raw bytes of the body.
    private func readRaw(upTo limit: Int) async throws -> [UInt8] {
        let byteCount = min(decoder.rawByteCount, limit, 256 * 1024)
        guard byteCount > 0 else { return [] }
        guard let piece = try await readMore(upTo: byteCount) else { throw Disconnected() }
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

    /// Discards the part of the body that the handler did not read.
    /// - Returns: false if the connection cannot be reused: more than 16 MiB are left, or the client
    ///   still waits for `100 Continue` and may send the body or not.
    func skipBody() async throws -> Bool {
        if needsContinue || isBroken { return false }
        let start = bodyBytes
        while try await readBody() != nil {
            if bodyBytes - start > 16 << 20 { return false }
        }
        return true
    }

    /// Waits until the client has disconnected. Does not return while the client is idle, or if it
    /// pipelines its next request.
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

    /// Reads the next bytes; `nil` at the end. The idle timeout is started only if no bytes are
    /// available yet.
    private func readMore(upTo limit: Int) async throws -> [UInt8]? {
        if let bytes = try socket.receive(upTo: limit) { return bytes.isEmpty ? nil : bytes }
        let timeout = idleLimit, socket = socket
        let timeoutTask = Task {
            try await Task.sleep(for: timeout)
            socket.hangUp()
        }
        defer { timeoutTask.cancel() }
        return try await socket.read(upTo: limit)
    }
}

/// Decoder of a request's body: finds its end, and decodes the chunked transfer encoding (RFC 9112, 7.1).
package struct BodyDecoder: Sendable {
    private var state: State

    private enum State: Sendable {
        case bytes(Int, thenChunk: Bool)
        case size
        case endOfChunk
        case trailer
        case done
    }

    package init(_ framing: RequestHead.Framing) {
        switch framing {
        case .none, .length(0): state = .done
        case .length(let count): state = .bytes(count, thenChunk: false)
        case .chunked: state = .size
        }
    }

    package var isDone: Bool { if case .done = state { true } else { false } }

    /// The number of the next bytes on the connection that belong to the body unencoded.
    package var rawByteCount: Int { if case .bytes(let count, _) = state { count } else { 0 } }

    /// Skips bytes of `rawByteCount` that the caller has read from the connection.
    package mutating func advance(_ byteCount: Int) {
        guard case .bytes(let count, let thenChunk) = state else { return }
        state =
            byteCount < count
            ? .bytes(count - byteCount, thenChunk: thenChunk) : thenChunk ? .endOfChunk : .done
    }

    /// Decodes and removes bytes from the start of the buffer, at most `limit` bytes of the body.
    /// Returns an empty array if the body has ended or more bytes are needed.
    package mutating func decode(
        from buffer: inout [UInt8], upTo limit: Int = .max
    ) throws(BadRequest) -> [UInt8] {
        var body: [UInt8] = []
        while try step(&buffer, &body, limit) {}
        return body
    }

    private mutating func step(
        _ buffer: inout [UInt8], _ body: inout [UInt8], _ limit: Int
    ) throws(BadRequest) -> Bool {
        switch state {
        case .done: return false
        case .bytes(let count, _):
            let byteCount = min(count, buffer.count, limit - body.count)
            guard byteCount > 0 else { return false }
            body.append(contentsOf: buffer[..<byteCount])
            buffer.removeFirst(byteCount)
            advance(byteCount)
        case .size:
            guard let line = try consumeLine(&buffer) else { return false }
            let size = try Self.size(of: line)
            state = size == 0 ? .trailer : .bytes(size, thenChunk: true)
        case .endOfChunk:
            guard let line = try consumeLine(&buffer) else { return false }
            guard line.isEmpty else { throw BadRequest(400, "A chunk is longer than its size.") }
            state = .size
        case .trailer:
            guard let line = try consumeLine(&buffer) else { return false }
            if line.isEmpty { state = .done }
        }
        return true
    }

    private func consumeLine(_ buffer: inout [UInt8]) throws(BadRequest) -> [UInt8]? {
        guard let newline = buffer.firstIndex(of: 10) else {
            if buffer.count > 4096 { throw BadRequest(400, "A chunk's size line is too long.") }
            return nil
        }
        let line = buffer[..<newline]
        let text = Array(line.last == 13 ? line.dropLast() : line)
        buffer.removeSubrange(...newline)
        return text
    }

    /// Parses a chunk's size: hexadecimal digits before any `;extension`.
    private static func size(of line: [UInt8]) throws(BadRequest) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 32 }
        guard !digits.isEmpty, digits.count <= 15 else {
            throw BadRequest(400, "A chunk's size is not a valid number.")
        }
        var size = 0
        for digit in digits {
            guard let value = digit.hexDigit else {
                throw BadRequest(400, "A chunk's size is not a valid number.")
            }
            size = size << 4 | Int(value)
        }
        return size
    }
}
