import TextTools

/// A parser for shell patterns that returns one token at a time, with `wildmatch`'s rules for
/// unusual input (https://github.com/git/git/blob/v2.39.5/wildmatch.c).
struct GlobParser {
    private var remaining: ArraySlice<UInt8>
    /// The byte before `remaining` as written; `nil` at the start.
    private var previousByte: UInt8?

    init(remaining: ArraySlice<UInt8>) { self.remaining = remaining }

    mutating func next() -> Glob.Token? {
        let precedingByte = previousByte
        guard let byte = consume() else { return nil }
        switch byte {
        case .backslash: return consume().map(Glob.Token.byte) ?? .never
        case UInt8(ascii: "?"): return .any
        case .star: return parseStars(isAlone: precedingByte == nil || precedingByte == .slash)
        case UInt8(ascii: "["): return parseSet()
        default: return .byte(byte)
        }
    }

    private mutating func consume() -> UInt8? {
        previousByte = remaining.first ?? previousByte
        return remaining.popFirst()
    }

    private func peek(_ ahead: Int = 0) -> UInt8? { remaining.dropFirst(ahead).first }

    /// Parses the stars after a first `*`. Two or more cross slashes only if they stand alone
    /// between slashes.
    private mutating func parseStars(isAlone: Bool) -> Glob.Token {
        guard peek() == .star else { return .star }
        while peek() == .star { _ = consume() }
        guard isAlone else { return .star }
        if peek() == .slash { return consume() == nil ? .never : .directories }
        let isLast = peek() == nil || (peek() == .backslash && peek(1) == .slash)
        return isLast ? .starStar : .star
    }

    /// Parses a bracket expression after `[`.
    private mutating func parseSet() -> Glob.Token {
        var set = ByteSet()
        let negated = peek() == UInt8(ascii: "!") || peek() == UInt8(ascii: "^")
        if negated { _ = consume() }
        var previous: UInt8?
        var isFirst = true
        while let byte = consume() {
            if byte == UInt8(ascii: "]"), !isFirst { return .set(negated ? set.inverted : set) }
            isFirst = false
            guard let member = parseMember(byte, after: previous, into: &set) else { return .never }
            previous = member == 0 ? nil : member
        }
        return .never
    }

    /// Parses one byte, range or class of a set.
    /// - Returns: The byte that a range may begin with (0 if none); `nil` if the set is malformed.
    private mutating func parseMember(_ byte: UInt8, after previous: UInt8?, into set: inout ByteSet)
        -> UInt8?
    {
        if byte == .backslash {
            guard let escaped = consume() else { return nil }
            set.insert(escaped)
            return escaped
        }
        if byte == .dash, let low = previous, let high = peek(), high != UInt8(ascii: "]") {
            return parseRange(from: low, into: &set)
        }
        if byte == UInt8(ascii: "["), peek() == .colon { return parsePOSIXClass(into: &set) }
        set.insert(byte)
        return byte
    }

    private mutating func parseRange(from low: UInt8, into set: inout ByteSet) -> UInt8? {
        var high = consume()
        if high == .backslash { high = consume() }
        guard let high else { return nil }
        set.formUnion(ByteSet { low <= $0 && $0 <= high })
        return 0
    }

    private mutating func parsePOSIXClass(into set: inout ByteSet) -> UInt8? {
        let afterColon = remaining.dropFirst()
        guard let close = afterColon.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        // Without `:]`, the `[` is an ordinary member.
        guard close > afterColon.startIndex, afterColon[close - 1] == .colon else {
            set.insert(UInt8(ascii: "["))
            return UInt8(ascii: "[")
        }
        guard let posixClass = ByteSet(posixClass: afterColon[..<(close - 1)]) else { return nil }
        set.formUnion(posixClass)
        remaining = remaining[(close + 1)...]
        previousByte = UInt8(ascii: "]")
        return 0
    }
}

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
