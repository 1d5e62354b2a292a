/// `name: value` and `name = value` of configuration files whose name says that the value is secret.
enum NamedSecretScan {
    private static let endings: Set<String> = [
        "yml", "yaml", "json", "toml", "ini", "cfg", "conf", "config", "properties", "env",
    ]

    static func reads(_ name: Path) -> Bool {
        guard let dot = name.bytes.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return endings.contains(name.bytes[(dot + 1)...].map(\.lowered).text)
    }

    /// Where such values are named.
    static func places(in content: [UInt8]) -> [Int] {
        content.withUnsafeBufferPointer { bytes in
            var places: [Int] = []
            for index in bytes.indices {
                let byte = bytes[index]
                if byte == 0 { break }
                guard byte == .colon || byte == .equals, let name = name(before: index, bytes) else {
                    continue
                }
                if SecretName.matches(bytes[name]), isSecret(value(behind: index, bytes), bytes[name]) {
                    places.append(name.lowerBound)
                }
            }
            return places
        }
    }

    private static func name(before place: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var end = place
        while end > 0, bytes[end - 1].isBlank { end -= 1 }
        if end > 0, bytes[end - 1] == .doubleQuote || bytes[end - 1] == .quote { end -= 1 }
        // Most names end otherwise: password, secret, token, key, credentials, passphrase.
        guard end > 2, "dtnyse".utf8.contains(bytes[end - 1].lowered) else { return nil }
        var start = end
        while start > 0,
            bytes[start - 1].isWord || bytes[start - 1] == .dash || bytes[start - 1] == UInt8(ascii: ".")
        {
            start -= 1
        }
        return start < end ? start..<end : nil
    }

    private static func value(behind place: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var rest = bytes[(place + 1)..<min(bytes.count, place + 600)].drop(while: \.isBlank)
        let quote = rest.first == .doubleQuote || rest.first == .quote ? rest.removeFirst() : nil
        if let quote { return Array(rest.prefix { $0 != quote && !$0.isLineEnd }) }
        let line = rest.prefix { !$0.isLineEnd && $0 != UInt8(ascii: ",") }
        let bare = Array(line)[...].trimmingSpaces
        guard let comment = bare.indices.first(where: { bare[$0] == .hash && $0 > 0 && bare[$0 - 1].isBlank })
        else {
            return Array(bare)
        }
        return Array(bare[..<comment].trimmingSpaces)
    }

    private static func isSecret(_ value: [UInt8], _ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard !value.isStandIn, !value.contains(where: \.isSpace), value.first != .slash,
            !value.starts(with: "./".utf8), !value.text.contains("://")
        else { return false }
        let variety = Variety(value)
        guard !SecretName.isPassword(name) else {
            return value.count >= 6 && variety.hasLetter
                && (variety.hasDigit || value.contains { !$0.isWord })
        }
        return value.count >= 16 && variety.hasLetter && variety.hasDigit && variety.looksRandom
    }
}
