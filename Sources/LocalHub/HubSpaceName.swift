/// The owner and name of a Space, validated by the Hub's rules: each has at most 96 letters,
/// digits, `-`, `_` and `.`, without `-` or `.` at its ends or twice in a row, and without `.git`
/// at the end. Separate from the deployer's parser, so that tests against this Hub verify that one.
struct HubSpaceName: Hashable, Sendable, CustomStringConvertible {
    let owner: String
    let name: String

    init?(owner: String, name: String) {
        guard Self.isAllowed(owner), Self.isAllowed(name) else { return nil }
        (self.owner, self.name) = (owner, name)
    }

    /// Parses `owner/name`, or `spaces/owner/name` as in Git URLs and repository routes. `nil` if
    /// it is invalid.
    init?(_ text: some StringProtocol) {
        var parts = text.split(separator: "/").map { String($0) }
        if parts.first == "spaces" { parts.removeFirst() }
        guard parts.count == 2 else { return nil }
        self.init(owner: parts[0], name: parts[1])
    }

    var description: String { "\(owner)/\(name)" }

    private static func isAllowed(_ part: String) -> Bool {
        let bytes = Array(part.utf8)
        guard (1...96).contains(bytes.count), !part.hasSuffix(".git") else { return false }
        func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") }
        for (index, byte) in bytes.enumerated() {
            let isAtEdge = index == 0 || index == bytes.count - 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                continue
            case _ where isSeparator(byte) && !isAtEdge && bytes[index + 1] != byte: continue
            default: return false
            }
        }
        return true
    }
}
