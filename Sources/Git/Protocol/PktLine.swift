import TextTools

/// A packet of Git's pkt-line format: four hexadecimal digits with the length of the whole packet,
/// then the content (<https://git-scm.com/docs/protocol-common#_pkt_line_format>).
enum PktLine: Hashable, Sendable {
    /// `0000`, the flush packet.
    case flush
    /// `0001`, the delimiter packet of protocol version 2.
    case delimiter
    /// `0002`, the response-end packet of protocol version 2.
    case responseEnd
    case line([UInt8])

    /// The maximum length of a packet in bytes, including its four digits.
    static let limit = 65520

    /// Returns a packet with this text. The caller must not exceed the limit; longer text is cut.
    static func line(_ text: String) -> PktLine { .line(Array(text.utf8.prefix(limit - 4))) }

    /// Returns a packet's content as text, without trailing whitespace and line ends.
    static func text(_ content: some Collection<UInt8>) -> String {
        trimmingLineEnd(String(decoding: content, as: UTF8.self))
    }

    /// The serialised packet.
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

/// An incremental parser for packets that arrive in chunks of any size.
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

    /// Whether the bytes read so far end with a complete packet.
    var isAtBoundary: Bool { start == bytes.count }

    /// Returns the next packet; `nil` if more bytes are needed.
    /// - Throws: `malformed` if the length is invalid.
    mutating func next() throws(ProtocolError) -> PktLine? {
        let remaining = bytes[start...]
        guard remaining.count >= 4 else { return nil }
        let length = try Self.length(remaining.prefix(4))
        guard length >= 4 else {
            start += 4
            return length == 0 ? .flush : length == 1 ? .delimiter : .responseEnd
        }
        guard remaining.count >= length else { return nil }
        start += length
        return .line(Array(remaining.prefix(length).dropFirst(4)))
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

/// A protocol error in the communication with a server that did respond.
enum ProtocolError: Error, Hashable, Sendable {
    /// The server's message: an `ERR` packet or a fatal error on side-band 3.
    case remote(String)
    /// A server error (HTTP status 5xx) with the server's message.
    case outage(status: Int, String?)
    /// Not valid in Git's protocol; with a description of the invalid data.
    case malformed(String)
    /// The response ended early.
    case truncated
    /// A response without a pack, mostly an empty body: the server did not understand the request.
    case noPack
    /// The pack lacks requested objects.
    case incomplete
    /// libgit2 rejected the pack.
    case badPack(String)
    /// An object in the pack exceeds a limit; with the object's size and the limit.
    case limitExceeded(String)

    var isLimitExceeded: Bool { if case .limitExceeded = self { true } else { false } }

    /// The description, phrased to follow the word "because".
    var message: String {
        switch self {
        case .remote(let text): text
        case .outage(let status, let text):
            "it returned HTTP status \(status)" + (text.map { ": \($0)" } ?? "")
        case .malformed(let description): "it sent \(description), which violates Git's protocol"
        case .truncated: "its response is truncated"
        case .noPack: "its response does not contain the objects"
        case .incomplete: "its response lacks requested objects"
        case .badPack(let text): "its pack cannot be read: \(text)"
        case .limitExceeded(let text): "its pack was refused: \(text)"
        }
    }
}
