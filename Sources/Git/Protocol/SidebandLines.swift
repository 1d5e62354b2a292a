import TextTools

/// What the server says beside its answer (side-band 2): lines, whatever pieces they come in.
struct SidebandLines: Sendable {
    private var bytes: [UInt8] = []
    /// A server that talks for ever fills no memory.
    private static let limit = 1 << 20

    mutating func append(_ more: some Collection<UInt8>) {
        bytes += more.prefix(Self.limit - bytes.count)
    }

    /// Lines ended by `\n` or `\r\n`; of what a lone `\r` goes over again (progress) the last, as a terminal shows it.
    /// Other control characters are left for who shows them.
    var lines: [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { ($0.split(separator: "\r").last ?? "").redactingURLs }
    }
}
