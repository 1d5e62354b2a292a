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
            guard line.isEmpty else { throw BadRequest(400, "A chunk is longer than it says.") }
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
            throw BadRequest(400, "A chunk's size is no number.")
        }
        var size = 0
        for digit in digits {
            guard let value = digit.hexValue else { throw BadRequest(400, "A chunk's size is no number.") }
            size = size << 4 | Int(value)
        }
        return size
    }
}
