/// An incremental parser of a `git-upload-pack` response in protocol version 0: the shallow
/// boundary, `NAK`, then the pack in side-band 1
/// (<https://git-scm.com/docs/pack-protocol#_packfile_data>).
struct UploadPackResponse: Sendable {
    private var reader = PktLineReader()
    private var phase = Phase.negotiation
    private(set) var remote = SidebandLines()

    private enum Phase: Hashable { case negotiation, pack, done }

    init() {}

    /// Parses a chunk of the response and returns the pack data in it.
    mutating func consume(_ piece: some Collection<UInt8>) throws(ProtocolError) -> [UInt8] {
        reader.append(piece)
        var pack: [UInt8] = []
        while let packet = try reader.next() { pack += try packData(of: packet) }
        return pack
    }

    /// Checks the end of the response. Must be called after the last chunk.
    /// - Throws: `noPack` if there was no pack, `truncated` if the response is incomplete.
    func finish() throws(ProtocolError) {
        if phase == .negotiation { throw reader.isAtBoundary ? .noPack : .truncated }
        guard phase == .done, reader.isAtBoundary else { throw .truncated }
    }

    private mutating func packData(of packet: PktLine) throws(ProtocolError) -> [UInt8] {
        switch (phase, packet) {
        case (.negotiation, .flush): return []
        case (.negotiation, .line(let line)): try parseNegotiation(line)
        case (.pack, .line(let line)): return try demultiplex(line)
        case (.pack, .flush): phase = .done
        default: throw .malformed("a packet out of turn")
        }
        return []
    }

    private mutating func parseNegotiation(_ line: [UInt8]) throws(ProtocolError) {
        let text = String(decoding: line, as: UTF8.self).trimmingLineEnd
        if text.hasPrefix("ERR ") { throw .remote(String(text.dropFirst(4))) }
        if text.hasPrefix("shallow ") || text.hasPrefix("unshallow ") { return }
        guard text == "NAK" || text.hasPrefix("ACK ") else { throw .malformed("an unknown line") }
        phase = .pack
    }

    private mutating func demultiplex(_ line: [UInt8]) throws(ProtocolError) -> [UInt8] {
        switch line.first {
        case 1: return Array(line.dropFirst())
        case 2: remote.append(line.dropFirst())
        case 3: throw .remote(String(decoding: line.dropFirst(), as: UTF8.self).trimmingLineEnd)
        default: throw .malformed("a packet of no side-band")
        }
        return []
    }
}

extension String {
    /// The text without trailing whitespace and line ends.
    var trimmingLineEnd: String {
        let end = lastIndex { !$0.isWhitespace }
        return end.map { String(self[...$0]) } ?? ""
    }
}
