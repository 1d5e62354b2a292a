/// Takes a body's bytes off the wire: it knows where the body ends, and undoes chunks (RFC 9112, 7.1).
package struct BodyDecoder: Sendable {
    private var state: State

    private enum State: Sendable {
        case bytes(Int, thenChunk: Bool)
        case size
        case endOfChunk
        case trailer
        case done
    }

    package init(_ framing: Head.Framing) {
        switch framing {
        case .none, .length(0): state = .done
        case .length(let count): state = .bytes(count, thenChunk: false)
        case .chunked: state = .size
        }
    }

    package var isDone: Bool { if case .done = state { true } else { false } }

    /// Takes what it can from the front of the buffer. Empty: done, or more bytes are needed.
    package mutating func take(from buffer: inout [UInt8]) throws(Malformed) -> [UInt8] {
        var body: [UInt8] = []
        while try step(&buffer, &body) {}
        return body
    }

    private mutating func step(_ buffer: inout [UInt8], _ body: inout [UInt8]) throws(Malformed) -> Bool {
        switch state {
        case .done: return false
        case .bytes(let count, let thenChunk):
            guard !buffer.isEmpty else { return false }
            let taken = min(count, buffer.count)
            body.append(contentsOf: buffer[..<taken])
            buffer.removeFirst(taken)
            state =
                taken < count ? .bytes(count - taken, thenChunk: thenChunk) : thenChunk ? .endOfChunk : .done
        case .size:
            guard let line = try takeLine(&buffer) else { return false }
            let size = try Self.size(of: line)
            state = size == 0 ? .trailer : .bytes(size, thenChunk: true)
        case .endOfChunk:
            guard let line = try takeLine(&buffer) else { return false }
            guard line.isEmpty else { throw Malformed(400, "A chunk is longer than it says.") }
            state = .size
        case .trailer:
            guard let line = try takeLine(&buffer) else { return false }
            if line.isEmpty { state = .done }
        }
        return true
    }

    private func takeLine(_ buffer: inout [UInt8]) throws(Malformed) -> [UInt8]? {
        guard let newline = buffer.firstIndex(of: 10) else {
            if buffer.count > 4096 { throw Malformed(400, "A chunk's size line is too long.") }
            return nil
        }
        let line = buffer[..<newline]
        let text = Array(line.last == 13 ? line.dropLast() : line)
        buffer.removeSubrange(...newline)
        return text
    }

    /// Hexadecimal digits before any `;extension`.
    private static func size(of line: [UInt8]) throws(Malformed) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 32 }
        guard !digits.isEmpty, digits.count <= 15 else {
            throw Malformed(400, "A chunk's size is no number.")
        }
        var size = 0
        for digit in digits {
            guard let value = digit.hexValue else { throw Malformed(400, "A chunk's size is no number.") }
            size = size << 4 | Int(value)
        }
        return size
    }
}
