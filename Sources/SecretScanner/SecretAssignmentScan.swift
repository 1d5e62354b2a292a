import SpacesModel
import TextTools

/// Finds `name: value` and `name = value` in configuration files with names of secrets.
enum SecretAssignmentScan {
    private static let extensions: Set<String> = [
        "yml", "yaml", "json", "toml", "ini", "cfg", "conf", "config", "properties", "env",
    ]

    static func shouldScan(_ name: Path) -> Bool {
        guard let dot = name.bytes.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return extensions.contains(name.bytes[(dot + 1)...].map(\.lowered).text)
    }

    /// Returns the offsets of the names of such values.
    static func offsets(in content: [UInt8]) -> [Int] {
        content.withUnsafeBufferPointer { bytes in
            var offsets: [Int] = []
            var index = -1
            while index + 1 < bytes.count {
                index += 1
                let byte = bytes[index]
                if byte == 0 { break }
                guard byte == .colon || byte == .equals, let name = name(before: index, bytes) else {
                    continue
                }
                if SecretName.matches(bytes[name]), isSecret(value(behind: index, bytes), bytes[name]) {
                    offsets.append(name.lowerBound)
                }
            }
            return offsets
        }
    }

    private static func name(before offset: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var end = offset
        while end > 0, bytes[end - 1].isBlank { end -= 1 }
        if end > 0, bytes[end - 1] == .doubleQuote || bytes[end - 1] == .quote { end -= 1 }
        guard end > 2, endsLikeSecret(bytes[end - 3], bytes[end - 2], bytes[end - 1]) else { return nil }
        var start = end
        while start > 0,
            bytes[start - 1].isWord || bytes[start - 1] == .dash || bytes[start - 1] == UInt8(ascii: ".")
        {
            start -= 1
        }
        let isOwnWord = start == 0 || bytes[start - 1].isSpace || "\"'{,[".utf8.contains(bytes[start - 1])
        return start < end && isOwnWord ? start..<end : nil
    }

    /// Compares the last letters of password, passwd, passphrase, pwd, secret, token, key,
    /// credential, credentials. This rejects most names cheaply.
    private static func endsLikeSecret(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
        let ending = UInt32(first.lowered) << 16 | UInt32(second.lowered) << 8 | UInt32(third.lowered)
        // ord swd ase pwd ret ken key ial als
        switch ending {
        case 0x6f7264, 0x737764, 0x617365, 0x707764, 0x726574, 0x6b656e, 0x6b6579, 0x69616c, 0x616c73:
            return true
        default: return false
        }
    }

    private static func value(behind offset: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var text = bytes[(offset + 1)..<min(bytes.count, offset + 600)].drop(while: \.isBlank)
        let quote = text.first == .doubleQuote || text.first == .quote ? text.removeFirst() : nil
        if let quote { return Array(text.prefix { $0 != quote && !$0.isLineEnd }) }
        let line = text.prefix { !$0.isLineEnd && $0 != UInt8(ascii: ",") }
        let trimmed = Array(line)[...].trimmingSpaces
        guard
            let comment = trimmed.indices.first(where: {
                trimmed[$0] == .hash && $0 > 0 && trimmed[$0 - 1].isBlank
            })
        else {
            return Array(trimmed)
        }
        return Array(trimmed[..<comment].trimmingSpaces)
    }

    private static func isSecret(_ value: [UInt8], _ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        // First the conditions that most values fail: a file may have a name before each of its
        // words.
        guard !value.contains(where: \.isSpace), value.first != .slash, !value.starts(with: "./".utf8),
            !value.isPlaceholder, !value.containsUTF8("://")
        else { return false }
        let entropy = EntropyEstimate(value)
        guard !SecretName.isPassword(name) else {
            return value.count >= 6 && entropy.hasLetter
                && (entropy.hasDigit || value.contains { !$0.isWord })
        }
        return value.count >= 16 && entropy.hasLetter && entropy.hasDigit && entropy.isRandom
    }
}
