import TextTools

/// Distinguishes random bytes, as in tokens, from invented placeholders (`hf_xxxxxxxx`,
/// `…1234567890`, `…EXAMPLE`).
struct EntropyEstimate {
    private let bytes: [UInt8]

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    var isRandom: Bool {
        guard bytes.count >= 8, distinct >= min(max(6, bytes.count / 4), 10) else { return false }
        return !hasRun && !isSequence && !isRepeated && !hasPlaceholder
    }

    private var distinct: Int { Set(bytes).count }

    /// Whether a byte occurs five times in a row.
    private var hasRun: Bool {
        var (length, last): (Int, UInt8?) = (0, nil)
        for byte in bytes {
            length = byte == last ? length + 1 : 1
            last = byte
            if length == 5 { return true }
        }
        return false
    }

    /// Whether at least half of the bytes differ from the previous one by 1: `abcdef`, `987654`.
    private var isSequence: Bool {
        let steps = zip(bytes, bytes.dropFirst()).count { left, right in
            let isWrap = left == UInt8(ascii: "9") && right == UInt8(ascii: "0")
            return isWrap || abs(Int(left.lowered) - Int(right.lowered)) == 1
        }
        return steps * 2 >= bytes.count - 1
    }

    /// Whether the bytes repeat a short sequence.
    private var isRepeated: Bool {
        // The length of the longest border of each prefix (Knuth, Morris, Pratt).
        var borders = [0]
        var length = 0
        for index in bytes.indices.dropFirst() {
            while length > 0, bytes[index] != bytes[length] { length = borders[length - 1] }
            if bytes[index] == bytes[length] { length += 1 }
            borders.append(length)
        }
        return (bytes.count - length) * 2 <= bytes.count
    }

    var hasPlaceholder: Bool {
        let text = bytes.map(\.lowered)
        let hasLongWord = Self.longWords.contains { text.containsUTF8($0) }
        return hasLongWord || Self.shortWords.count { text.containsUTF8($0) } > 1
    }

    private static let longWords = [
        "example", "xxxx", "yourtoken", "your_", "your-", "yourkey", "token", "placeholder", "changeme",
        "change-me",
        "change_me", "dummy", "sample", "redacted", "replace", "insert", "secret", "password", "abcdef",
        "notreal",
        "123456789", "foobar", "apikey", "api_key", "api-key",
    ]
    private static let shortWords = [
        "your", "fake", "test", "here", "real", "demo", "this", "some", "user", "mock", "null",
    ]

    var hasUpper: Bool { bytes.contains(where: \.isUpper) }
    var hasLower: Bool { bytes.contains(where: \.isLower) }
    var hasDigit: Bool { bytes.contains(where: \.isDigit) }
    var hasLetter: Bool { bytes.contains(where: \.isLetter) }
}

extension [UInt8] {
    /// Whether the value is a placeholder or a reference: `<token>`, `${TOKEN}`, `your-key`,
    /// `changeme`, `...`.
    var isPlaceholder: Bool {
        let text = map(\.lowered)
        let substrings = [
            "example", "xxxx", "your", "changeme", "change-me", "change_me", "placeholder", "replace",
            "insert", "dummy",
            "redacted", "todo", "fixme", "sample", "...", "not-needed", "secret-here", "token-here", "${",
            "{{", "#{",
        ]
        let wholeWords = [
            "true", "false", "null", "none", "~", "undefined", "nil", "yes", "no", "password", "secret",
            "token",
        ]
        let prefixes = ["$", "<", "{", "%(", "%s", "*", "&", "!"]
        return isEmpty || contains { $0 >= 0x80 } || wholeWords.contains { text.elementsEqual($0.utf8) }
            || prefixes.contains { text.starts(with: $0.utf8) }
            || text.last == UInt8(ascii: ">") || substrings.contains { text.containsUTF8($0) }
            || (count > 2 && Set(self).count == 1)
    }
}
