/// The answer to `git-receive-pack`: what became of the pack and of each reference
/// (<https://git-scm.com/docs/pack-protocol#_report_status>).
struct ReceivePackReport: Hashable, Sendable {
    /// `ok`, or why the pack was not taken; nil when the server did not say.
    private(set) var unpack: String?
    /// By full reference name: nil is `ok`, a text the server's reason against it.
    private(set) var references: [String: String?] = [:]
    /// What the server said besides.
    private(set) var remoteLines: [String] = []
    /// How the conversation broke, if it did.
    private(set) var protocolError: ProtocolError?

    /// Reads as much as there is: a broken answer keeps the words that came before it broke.
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
                // Before side-bands begin, a server may still say `ERR`.
                let text = String(decoding: line, as: UTF8.self).trimmingLineEnd
                throw text.hasPrefix("ERR ")
                    ? .remote(String(text.dropFirst(4))) : .malformed("an unknown line")
            }
        }
        guard outer.isAtBoundary else { throw .truncated }
    }

    private mutating func add(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(
            String.init)
        switch words.first {
        case "unpack": unpack = words.dropFirst().joined(separator: " ")
        case "ok" where words.count > 1: references[words[1]] = .some(nil)
        case "ng" where words.count > 1: references[words[1]] = words.count > 2 ? words[2] : "no reason given"
        default: break
        }
    }
}
