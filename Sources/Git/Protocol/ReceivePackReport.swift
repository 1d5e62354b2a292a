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
                    add(String(decoding: line, as: UTF8.self).trimmingLineEnd)
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
            case 3: throw .remote(String(decoding: line.dropFirst(), as: UTF8.self).trimmingLineEnd)
            default:
                // Before it switches to side-bands, a server may still send `ERR`.
                let text = String(decoding: line, as: UTF8.self).trimmingLineEnd
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
