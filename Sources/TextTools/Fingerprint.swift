extension Sequence<UInt8> {
    /// FNV-1a, 64 bits, as 16 hexadecimal digits: enough to notice that a value has changed, no protection against
    /// somebody who wants two values to look the same.
    package var fingerprint: String {
        let hash = reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
