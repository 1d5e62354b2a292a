import TextTools

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
