import TextTools

/// The response of `git-receive-pack`: the status of the pack and of each reference
/// (<https://git-scm.com/docs/pack-protocol#_report_status>).
struct ReceivePackReport: Hashable, Sendable {
    /// `ok`, or the reason why the pack was rejected; `nil` if the server did not report it.
    private(set) var unpack: String?
    /// The status by full reference name: `nil` for `ok`, otherwise the server's reason for the
    /// rejection.
    private(set) var references: [String: String?] = [:]
    /// Other messages of the server (side-band 2).
    private(set) var remoteLines: [String] = []
    /// The protocol error; `nil` if the response was complete and valid.
    private(set) var protocolError: ProtocolError?

    /// Parses the response up to the first error. Keeps the messages that came before it.
    init(_ bytes: some Collection<UInt8>, sideBand: Bool) {
        var (report, remote) = (PktLineReader(), SidebandLines())
        do throws(ProtocolError) {
            if sideBand {
                try Self.demultiplex(bytes, into: &report, &remote)
            } else {
                report.append(bytes)
            }
            while let packet = try report.next() {
                if case .line(let line) = packet {
                    add(PktLine.text(line))
                }
            }
        } catch { protocolError = error }
        remoteLines = remote.lines
    }

    private static func demultiplex(
        _ bytes: some Collection<UInt8>, into report: inout PktLineReader, _ remote: inout SidebandLines
    ) throws(ProtocolError) {
        var outer = PktLineReader()
        outer.append(bytes)
        while let packet = try outer.next() {
            guard case .line(let line) = packet else { continue }
            switch line.first {
            case 1: report.append(line.dropFirst())
            case 2: remote.append(line.dropFirst())
            case 3: throw .remote(PktLine.text(line.dropFirst()))
            default:
                // Before it switches to side-bands, a server may still send `ERR`.
                let text = PktLine.text(line)
                throw text.hasPrefix("ERR ")
                    ? .remote(String(text.dropFirst(4))) : .malformed("an unknown line")
            }
        }
        guard outer.isAtBoundary else { throw .truncated }
    }

    private mutating func add(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(
            String.init)
        switch parts.first {
        case "unpack": unpack = parts.dropFirst().joined(separator: " ")
        case "ok" where parts.count > 1: references[parts[1]] = .some(nil)
        case "ng" where parts.count > 1: references[parts[1]] = parts.count > 2 ? parts[2] : "no reason given"
        default: break
        }
    }
}

/// Collects the server's messages (side-band 2), which may arrive in chunks of any size.
struct SidebandLines: Sendable {
    private var bytes: [UInt8] = []
    /// The maximum number of bytes to keep, as a protection against endless output.
    private static let limit = 1 << 20

    mutating func append(_ more: some Collection<UInt8>) {
        bytes += more.prefix(Self.limit - bytes.count)
    }

    /// Lines that end with `\n` or `\r\n`. Of progress lines that overwrite each other with a lone
    /// `\r`, the last one is kept, as a terminal shows it. Other control characters must be escaped
    /// by the caller.
    var lines: [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { ($0.split(separator: "\r").last ?? "").redactingURLs }
    }
}

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
        default: throw .malformed("an unexpected packet")
        }
        return []
    }

    private mutating func parseNegotiation(_ line: [UInt8]) throws(ProtocolError) {
        let text = PktLine.text(line)
        if text.hasPrefix("ERR ") { throw .remote(String(text.dropFirst(4))) }
        if text.hasPrefix("shallow ") || text.hasPrefix("unshallow ") { return }
        guard text == "NAK" || text.hasPrefix("ACK ") else { throw .malformed("an unknown line") }
        phase = .pack
    }

    private mutating func demultiplex(_ line: [UInt8]) throws(ProtocolError) -> [UInt8] {
        switch line.first {
        case 1: return Array(line.dropFirst())
        case 2: remote.append(line.dropFirst())
        case 3: throw .remote(PktLine.text(line.dropFirst()))
        default: throw .malformed("a packet without a valid side-band")
        }
        return []
    }
}
