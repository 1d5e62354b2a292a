import TextTools

/// One packet of Git's wire: four hexadecimal digits that count themselves and what follows
/// (<https://git-scm.com/docs/protocol-common#_pkt_line_format>).
enum PktLine: Hashable, Sendable {
    /// `0000`
    case flush
    /// `0001`, of protocol version 2.
    case delimiter
    /// `0002`, of protocol version 2.
    case responseEnd
    case line([UInt8])

    /// The longest packet, with its four digits.
    static let limit = 65520

    /// A packet with this text. What is longer than a packet is the caller's fault, and is cut.
    static func line(_ text: String) -> PktLine { .line(Array(text.utf8.prefix(limit - 4))) }

    /// As it travels.
    var bytes: [UInt8] {
        switch self {
        case .flush: Array("0000".utf8)
        case .delimiter: Array("0001".utf8)
        case .responseEnd: Array("0002".utf8)
        case .line(let content): Self.digits(of: content.count + 4) + content
        }
    }

    private static func digits(of length: Int) -> [UInt8] {
        let hex = String(length, radix: 16)
        return Array((String(repeating: "0", count: max(0, 4 - hex.count)) + hex).utf8)
    }
}

/// Takes packets out of bytes that come in any pieces.
struct PktLineReader: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    init() {}

    mutating func append(_ more: some Collection<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Whether every byte so far belonged to a whole packet.
    var isAtBoundary: Bool { start == bytes.count }

    /// The next packet; nil when more bytes are needed.
    /// - Throws: `malformed` for a length that is none.
    mutating func next() throws(ProtocolError) -> PktLine? {
        let rest = bytes[start...]
        guard rest.count >= 4 else { return nil }
        let length = try Self.length(rest.prefix(4))
        guard length >= 4 else {
            start += 4
            return length == 0 ? .flush : length == 1 ? .delimiter : .responseEnd
        }
        guard rest.count >= length else { return nil }
        start += length
        return .line(Array(rest.prefix(length).dropFirst(4)))
    }

    private static func length(_ digits: ArraySlice<UInt8>) throws(ProtocolError) -> Int {
        var length = 0
        for digit in digits {
            guard let value = digit.hexDigit else { throw .malformed("a packet without a length") }
            length = length << 4 | Int(value)
        }
        guard length != 3, length <= PktLine.limit else { throw .malformed("a packet of length \(length)") }
        return length
    }
}
