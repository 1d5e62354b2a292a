import TextTools

/// The id of a Git object: a SHA-1 hash, 20 bytes, written as 40 hexadecimal digits.
package struct ObjectID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    /// Creates an id from exactly 20 bytes; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 20 else { return nil }
        // Performance: trees with many thousand entries are parsed with this, and a generic loop
        // from another module took a third of the time.
        self =
            bytes.withContiguousStorageIfAvailable { Self($0) }
            ?? Array(bytes).withUnsafeBufferPointer { Self($0) }
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var (high, middle, low): (UInt64, UInt64, UInt32) = (0, 0, 0)
        for index in 0..<8 { high = high << 8 | UInt64(bytes[index]) }
        for index in 8..<16 { middle = middle << 8 | UInt64(bytes[index]) }
        for index in 16..<20 { low = low << 8 | UInt32(bytes[index]) }
        self.init(high: high, middle: middle, low: low)
    }

    /// Parses exactly 40 hexadecimal digits of either case; `nil` if the text is anything else.
    package init?(_ hex: some StringProtocol) {
        let digits = hex.utf8.compactMap(\.hexDigit)
        guard digits.count == 40, hex.utf8.count == 40 else { return nil }
        let pairs = stride(from: 0, to: 40, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        self.init(bytes: pairs)
    }

    /// The 20 bytes, as in a tree entry.
    package var bytes: [UInt8] {
        let upper = [high, middle].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
        return upper + (0..<4).map { UInt8(truncatingIfNeeded: low >> (24 - 8 * $0)) }
    }

    /// The first byte, which selects the bucket in a fan-out table.
    package var firstByte: UInt8 { UInt8(truncatingIfNeeded: high >> 56) }

    package var description: String { bytes.hex }
    /// The abbreviated id, seven digits, for display.
    package var short: String { String(description.prefix(7)) }
    /// The null id, 40 zeros: the value of a ref that does not exist.
    package static let zero = ObjectID(high: 0, middle: 0, low: 0)
    package var isZero: Bool { self == .zero }

    private init(high: UInt64, middle: UInt64, low: UInt32) {
        (self.high, self.middle, self.low) = (high, middle, low)
    }
}

extension ObjectID: Comparable {
    /// Compares ids by their bytes, which is also the order of their digits.
    package static func < (left: ObjectID, right: ObjectID) -> Bool {
        (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
    }
}
