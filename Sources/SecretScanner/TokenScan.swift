import SpacesModel
import TextTools

/// Finds tokens, and passwords in URLs, in one pass over the bytes; only a few rare bytes (`_ - A
/// @`) are examined further. Stops at a zero byte.
struct TokenScan {
    /// A credential by its offset and kind; never its value.
    struct Hit: Hashable {
        var offset: Int
        var kind: String
        var severity = Finding.Severity.error
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let patterns: UnsafeBufferPointer<TokenPattern>
    private(set) var hits: [Hit] = []
    /// The end of the last hit; earlier bytes are not examined again.
    private var done = 0

    /// Whether each byte value is examined.
    private static let signs = (0...255).map { $0 == 0 || "_-A@".utf8.contains($0) }

    static func hits(in content: [UInt8]) -> [Hit] {
        content.withUnsafeBufferPointer { bytes in
            TokenPattern.all.withUnsafeBufferPointer { patterns in
                signs.withUnsafeBufferPointer { signs in
                    var scan = TokenScan(bytes: bytes, patterns: patterns)
                    scan.run(lookingAt: signs)
                    return scan.hits
                }
            }
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, patterns: UnsafeBufferPointer<TokenPattern>) {
        (self.bytes, self.patterns) = (bytes, patterns)
    }

    private mutating func run(lookingAt signs: UnsafeBufferPointer<Bool>) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard signs[Int(byte)] else {
                index += 1
                continue
            }
            if byte == .underscore || byte == .dash {
                // The prefix ends at its first `_` or `-`, or continues after it.
                token(signAt: index)
            } else if byte == UInt8(ascii: "A") {
                capitals(at: index)
            } else if byte == .at {
                password(before: index)
            } else if byte == 0 {
                return
            }
            index += 1
        }
    }

    /// Looks back for the start of a prefix whose first `_` or `-` is at this index.
    private mutating func token(signAt index: Int) {
        guard index >= 2 else { return }
        let start: Int
        switch bytes[index - 1] {
        case UInt8(ascii: "f"), UInt8(ascii: "k"): start = index - 2
        case UInt8(ascii: "p"), UInt8(ascii: "o"), UInt8(ascii: "s"), UInt8(ascii: "u"), UInt8(ascii: "r"),
            UInt8(ascii: "m"), UInt8(ascii: "i"), UInt8(ascii: "a"):
            start = begins(index, "xox", 4) ? index - 4 : index - 3
        case UInt8(ascii: "b"): start = begins(index, "xox", 4) ? index - 4 : index - 6
        case UInt8(ascii: "t"): start = index - 5
        default: return
        }
        if start >= done { matchToken(at: start) }
    }

    private func begins(_ index: Int, _ word: StaticString, _ back: Int) -> Bool {
        index >= back && matches(word, at: index - back)
    }

    private mutating func capitals(at index: Int) {
        guard index >= done, index + 3 < bytes.count,
            bytes[index + 3] == UInt8(ascii: "A") || bytes[index + 3] == UInt8(ascii: "a")
        else { return }
        matchToken(at: index)
    }

    private mutating func matchToken(at start: Int) {
        guard start >= 0, isBoundary(start) else { return }
        for pattern in patterns where matches(pattern.prefix, at: start) {
            let from = start + pattern.prefix.utf8CodeUnitCount
            var end = from
            // At most one byte more than the longest token: another token may begin in these bytes.
            while end < bytes.count, end - from <= pattern.lengths.upperBound,
                pattern.alphabet.contains(bytes[end])
            { end += 1 }
            guard pattern.lengths.contains(end - from), end == bytes.count || !bytes[end].isWord else {
                continue
            }
            let body = EntropyEstimate(bytes[from..<end])
            guard body.isRandom, !pattern.requirements.contains(.digit) || body.hasDigit,
                !pattern.requirements.contains(.letter) || body.hasLetter
            else { return }
            hits.append(hit(pattern, at: start, end))
            done = end
            return
        }
    }

    private func hit(_ pattern: TokenPattern, at start: Int, _ end: Int) -> Hit {
        guard pattern.isAWS else { return Hit(offset: start, kind: "\(pattern.kind)") }
        let hasSecret = awsSecret(near: start..<end)
        return hasSecret
            ? Hit(offset: start, kind: "an AWS access key with its secret")
            : Hit(offset: start, kind: "an AWS access key id", severity: .warning)
    }

    /// Whether a separate run of 40 base64 bytes is near the key id.
    private func awsSecret(near range: Range<Int>) -> Bool {
        let window = bytes[max(0, range.lowerBound - 400)..<min(bytes.count, range.upperBound + 400)]
        let isBase64 = { (byte: UInt8) in
            byte.isLetter || byte.isDigit || byte == UInt8(ascii: "+") || byte == .slash
        }
        return window.split { !isBase64($0) }.contains { run in
            guard run.count == 40 else { return false }
            let entropy = EntropyEstimate(run)
            return entropy.isRandom && entropy.hasUpper && entropy.hasLower && entropy.hasDigit
        }
    }

    /// Whether the byte before the token is not part of a word. The escape `\n`, as in JSON, is not
    /// a word.
    private func isBoundary(_ start: Int) -> Bool {
        guard start > 0 else { return true }
        let previous = bytes[start - 1]
        if previous.isWord || previous == .dash {
            let isEscape = "nrt".utf8.contains(previous) && start > 1 && bytes[start - 2] == .backslash
            return isEscape
        }
        return true
    }

    private func matches(_ word: StaticString, at offset: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard offset >= 0, offset + count <= bytes.count else { return false }
        let expected = word.utf8Start
        for index in 0..<count where bytes[offset + index] != expected[index] { return false }
        return true
    }

    /// Checks for `scheme://user:password@host` at its `@`.
    private mutating func password(before offset: Int) {
        var start = offset
        let limit = max(0, offset - 300)
        while start > limit, Self.belongsToUser(bytes[start - 1]) { start -= 1 }
        guard start >= done, start >= 3, start < offset, bytes[start - 1] == .slash,
            bytes[start - 2] == .slash,
            bytes[start - 3] == .colon, let colon = bytes[start..<offset].firstIndex(of: .colon)
        else { return }
        let password = Array(bytes[(colon + 1)..<offset])
        guard !password.isPlaceholder, offset + 1 < bytes.count,
            bytes[offset + 1].isLetter || bytes[offset + 1].isDigit
        else {
            return
        }
        let entropy = EntropyEstimate(password)
        guard entropy.hasLetter, entropy.hasDigit, !isPlaceholderHost(offset + 1) else { return }
        if password.count >= 16, entropy.isRandom {
            hits.append(Hit(offset: start, kind: "a password in a URL"))
        } else if password.count >= 8, !entropy.hasPlaceholder {
            hits.append(Hit(offset: start, kind: "a password in a URL", severity: .warning))
        }
    }

    private static func belongsToUser(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != .slash && byte != .quote && byte != .doubleQuote && byte != .at
            && byte != UInt8(ascii: "`") && byte != UInt8(ascii: ",")
    }

    private func isPlaceholderHost(_ host: Int) -> Bool {
        ["localhost", "127.", "example.", "host", "hostname"].contains { (word: StaticString) in
            guard matches(word, at: host) else { return false }
            let end = host + word.utf8CodeUnitCount
            return end == bytes.count || !bytes[end].isLetter || bytes[end - 1] == UInt8(ascii: ".")
        }
    }
}
