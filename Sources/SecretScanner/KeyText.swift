import TextTools

/// The text of a possible private key, and the criteria for it.
struct KeyText {
    /// Without padding.
    var base64: [UInt8] = []
    /// Whether the text extends to the line that ends the key, or to the end of the file.
    var isEnded = false
    /// Whether an RFC 1421 header declares the content encrypted; the decoded bytes are then
    /// ciphertext.
    var isEncrypted = false

    /// Returns whether this decodes to a private key. Randomness is not required: an OpenSSH key
    /// begins with a long run of zeros.
    func isPrivateKey(isPGP: Bool) -> Bool {
        let data = decoded
        let key = KeyBytes(data)
        if key.isCompleteOpenSSHKey || key.isCompleteDER { return true }
        let isKnown =
            data.starts(with: Self.openSSHMagic) || key.startsDERKey || data.starts(with: Self.ssh2Magic)
            || (isPGP && key.startsPGPKey) || isEncrypted
        if isEnded, isKnown, data.count >= 32, !hasPlaceholder { return true }
        // Other formats (Cosign, a truncated key) are recognised by randomness.
        return base64.count >= (isEnded ? 60 : 200) && EntropyEstimate(base64.prefix(200)).isRandom
    }

    static let openSSHMagic = Array("openssh-key-v1".utf8) + [0]
    private static let ssh2Magic: [UInt8] = [0x3f, 0x6f, 0xf9, 0xeb]

    /// Whether a letter occurs eight times in a row; zeros (`A`) and ones (`/`) occur in keys.
    private var hasPlaceholder: Bool {
        var (length, last) = (0, UInt8(0))
        for byte in base64 {
            length = byte == last ? length + 1 : 1
            last = byte
            if length == 8, byte != UInt8(ascii: "A"), byte != .slash { return true }
        }
        return false
    }

    /// The decoded bytes (RFC 4648); an incomplete final group is dropped.
    var decoded: [UInt8] {
        var data: [UInt8] = []
        data.reserveCapacity(base64.count / 4 * 3)
        var (bits, count): (UInt32, Int) = (0, 0)
        for byte in base64 {
            bits = (bits << 6 | UInt32(Self.value(of: byte))) & 0xff_ffff
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            data.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return data
    }

    private static func value(of byte: UInt8) -> UInt8 {
        switch byte {
        case _ where byte.isUpper: byte - UInt8(ascii: "A")
        case _ where byte.isLower: byte - UInt8(ascii: "a") + 26
        case _ where byte.isDigit: byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        default: 63
        }
    }
}

/// The decoded bytes of a key, read just far enough to recognise its format.
private struct KeyBytes {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The header length and total length of a DER SEQUENCE (ITU-T X.690, 8.1.3); `nil` for
    /// anything else.
    private var sequence: (head: Int, total: Int)? {
        guard bytes.count > 2, bytes[0] == 0x30 else { return nil }
        guard bytes[1] >= 0x80 else { return (2, 2 + Int(bytes[1])) }
        let size = Int(bytes[1] & 0x7f)
        guard (1...3).contains(size), bytes.count > 2 + size else { return nil }
        let length = bytes[2..<(2 + size)].reduce(0) { $0 << 8 | Int($1) }
        return (2 + size, 2 + size + length)
    }

    /// Whether a SEQUENCE begins like a private key: with a version, an algorithm, or an object
    /// identifier (TSS2).
    var startsDERKey: Bool {
        guard let (head, total) = sequence, total >= 32, bytes.count > head else { return false }
        return [0x02, 0x06, 0x30].contains(bytes[head])
    }

    var isCompleteDER: Bool {
        guard let (_, total) = sequence else { return false }
        return startsDERKey && total <= bytes.count
    }

    /// Whether the bytes begin with a secret key or subkey packet (RFC 9580, 4.2 and 5).
    var startsPGPKey: Bool {
        guard let first = bytes.first, first & 0x80 != 0 else { return false }
        let tag = first & 0x40 != 0 ? first & 0x3f : (first & 0x3c) >> 2
        return tag == 5 || tag == 7
    }

    /// Whether all strings of the format are complete (OpenSSH: `PROTOCOL.key`).
    var isCompleteOpenSSHKey: Bool {
        guard bytes.starts(with: KeyText.openSSHMagic) else { return false }
        var remaining = bytes.dropFirst(KeyText.openSSHMagic.count)
        for _ in 0..<3 where !Self.dropString(from: &remaining) { return false }
        guard let keys = Self.readNumber(from: &remaining), (1...64).contains(keys) else { return false }
        for _ in 0...keys where !Self.dropString(from: &remaining) { return false }
        return true
    }

    private static func readNumber(from bytes: inout ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let number = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        bytes = bytes.dropFirst(4)
        return number
    }

    /// Drops a string with its length field. Returns false if it is truncated.
    private static func dropString(from bytes: inout ArraySlice<UInt8>) -> Bool {
        guard let length = readNumber(from: &bytes), length <= bytes.count else { return false }
        bytes = bytes.dropFirst(length)
        return true
    }
}
