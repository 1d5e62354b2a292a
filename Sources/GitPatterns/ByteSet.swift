import TextTools

/// A set of bytes: the meaning of a bracket expression `[...]`.
struct ByteSet: Hashable, Sendable {
    private var words: SIMD4<UInt64> = .zero

    init() {}
    init(where isMember: (UInt8) -> Bool) {
        for byte in UInt8.min...UInt8.max where isMember(byte) { insert(byte) }
    }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    mutating func formUnion(_ other: ByteSet) { words |= other.words }
    var inverted: ByteSet { ByteSet { !contains($0) } }
}

extension ByteSet {
    /// Creates a POSIX class by its name (`alpha` of `[:alpha:]`), ASCII only like Git's
    /// `wildmatch`; `nil` for other names.
    init?(posixClass name: some Collection<UInt8>) {
        guard let isMember = Self.posixClasses[name.text] else { return nil }
        self.init { $0 < 0x80 && isMember($0) }
    }

    private static let posixClasses: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { $0.isLetter || $0.isDigit },
        "alpha": { $0.isLetter },
        "blank": { $0.isBlank },
        "cntrl": { $0 < 0x20 || $0 == 0x7f },
        "digit": { $0.isDigit },
        "graph": { (0x21...0x7e).contains($0) },
        "lower": { $0.isLower },
        "print": { (0x20...0x7e).contains($0) },
        "punct": { (0x21...0x7e).contains($0) && !$0.isLetter && !$0.isDigit },
        "space": { $0 == 0x20 || (0x09...0x0d).contains($0) },
        "upper": { $0.isUpper },
        "xdigit": { $0.hexDigit != nil },
    ]
}
