import TextTools

/// Finds private keys by their content, in one pass: base64 after a `-----BEGIN … PRIVATE KEY-----`
/// line (RFC 7468, RFC 4716, RFC 9580) that decodes to a key, and PuTTY key files. A text that only
/// mentions such a line is not a key.
struct PrivateKeyScan {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offsets: [Int] = []

    /// Returns the offset of each key, in rising order.
    static func offsets(in content: [UInt8]) -> [Int] {
        content.withUnsafeBufferPointer { bytes in
            var scan = PrivateKeyScan(bytes: bytes)
            scan.run()
            return scan.offsets
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func run() {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == .dash {
                index = armor(at: index)
            } else if byte == UInt8(ascii: "P"), has("PuTTY-User-Key-File-", at: index) {
                index = puttyFile(at: index)
            } else if byte == UInt8(ascii: "L"), has("LS0tLS1CRUdJTi", at: index) {
                index = encodedArmor(at: index)
            } else {
                index += 1
            }
        }
    }

    private func has(_ word: StaticString, at offset: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard offset >= 0, count <= bytes.count - offset else { return false }
        let expected = word.utf8Start
        for index in 0..<count where bytes[offset + index] != expected[index] { return false }
        return true
    }

    /// Checks an armor header at a dash; returns the offset at which the scan continues.
    private mutating func armor(at index: Int) -> Int {
        let isSSH2 = has("---- BEGIN ", at: index)
        guard isSSH2 || has("-----BEGIN ", at: index) else { return index + 1 }
        let start = index + 11
        var end = start
        let limit = min(bytes.count, start + 64)
        while end < limit, bytes[end].isUpper || bytes[end].isDigit || bytes[end] == .space { end += 1 }
        guard isSSH2 ? has("----", at: end) : has("-----", at: end) else { return end }
        let label = Array(bytes[start..<end]).text
        let labelWords = label.split(separator: " ")
        let isBlock = [["PRIVATE", "KEY", "BLOCK"], ["SECRET", "KEY", "BLOCK"]].contains(
            Array(labelWords.suffix(3)))
        guard isBlock || labelWords.suffix(2) == ["PRIVATE", "KEY"] else { return end }
        let body = end + (isSSH2 ? 4 : 5)
        var reader = KeyTextReader(bytes, from: body, prefix: prefix(of: index))
        if reader.read().isPrivateKey(isPGP: isBlock) { offsets.append(index) }
        return body
    }

    /// Checks the base64 encoding of `-----BEGIN `, as in a Kubernetes secret or kubeconfig;
    /// returns the offset at which the scan continues.
    private mutating func encodedArmor(at index: Int) -> Int {
        var end = index
        let limit = min(bytes.count, index + 64 << 10)
        while end < limit, KeyTextReader.isBase64(bytes[end]) { end += 1 }
        let text = KeyText(base64: bytes[index..<end].filter { $0 != .equals })
        // Decodes only once: keys that are encoded twice do not occur in practice.
        let isKey = text.decoded.withUnsafeBufferPointer { decoded in
            var decodedScan = PrivateKeyScan(bytes: decoded)
            _ = decodedScan.armor(at: 0)
            return !decodedScan.offsets.isEmpty
        }
        if isKey { offsets.append(index) }
        return end
    }

    /// Returns the text before a header in its line, which may also precede each line of the key:
    /// `# `, `// `, `> `, `+`.
    private func prefix(of index: Int) -> [UInt8] {
        var start = index
        while start > 0, index - start < 16, !bytes[start - 1].isLineEnd {
            guard "#/*>|+;:!%. \t".utf8.contains(bytes[start - 1]) else { return [] }
            start -= 1
        }
        return bytes[start..<index].filter { !$0.isBlank }
    }

    /// Checks a file at `PuTTY-User-Key-File-`; returns the offset at which the scan continues.
    private mutating func puttyFile(at index: Int) -> Int {
        let start = index + 20
        guard start + 1 < bytes.count, bytes[start].isDigit, bytes[start + 1] == .colon else { return start }
        var next = start
        // A public key of 16384 bits is far below this limit.
        let limit = min(bytes.count, start + 64 << 10)
        while next < limit, !has("Private-Lines:", at: next) {
            if has("PuTTY-User-Key-File-", at: next) { return next }
            next += 1
        }
        guard has("Private-Lines:", at: next) else { return next }
        var digits = next + 14
        while digits < bytes.count, bytes[digits] == .space || bytes[digits].isDigit { digits += 1 }
        let count = Int(bytes[(next + 14)..<digits].filter(\.isDigit).text) ?? 0
        var reader = KeyTextReader(bytes, from: digits, prefix: prefix(of: index))
        if count > 0, reader.read().decoded.count >= 16 { offsets.append(index) }
        return digits
    }
}
