import TextTools

/// A shell pattern as Git's `wildmatch` reads it, compiled to tokens and matched by following all of them at once:
/// the time is at most text times pattern, whatever the pattern (`a*a*a*b` cannot blow up).
package struct Glob: Hashable, Sendable {
    enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// `?`: any byte but, in a path, the slash.
        case any
        case set(ByteSet)
        /// Any number of bytes but slashes.
        case star
        /// Any number of bytes, slashes too.
        case starStar
        /// `**/`: any number of directories, none too.
        case directories
        /// A set that is not closed or names an unknown class: Git lets it match nothing.
        case never
    }

    private(set) var tokens: [Token] = []
    /// The bytes that any match begins with: most texts are told apart by them alone.
    private var literalPrefix: [UInt8] = []

    /// - Parameter pattern: without `!`, without the slash that marks a directory.
    package init(_ pattern: ArraySlice<UInt8>) {
        var reader = GlobParser(remaining: pattern)
        while let token = reader.next() { tokens.append(token) }
        literalPrefix = Self.literalPrefix(of: tokens)
    }

    /// Literal bytes before the pattern. Git compares them first and reads the rest as a pattern of its own, so that
    /// `**` right behind them counts as leading (`foo**/bar` matches `foox/y/bar`).
    init(prefix: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) {
        self.init(pattern)
        tokens = prefix.map(Token.byte) + tokens
        literalPrefix = Self.literalPrefix(of: tokens)
    }

    private static func literalPrefix(of tokens: [Token]) -> [UInt8] {
        var bytes: [UInt8] = []
        for case .byte(let byte) in tokens.prefix(while: { if case .byte = $0 { true } else { false } }) {
            bytes.append(byte)
        }
        return bytes
    }

    package func matches(_ text: some Collection<UInt8>) -> Bool {
        guard text.starts(with: literalPrefix) else { return false }
        if literalPrefix.count == tokens.count { return text.count == literalPrefix.count }
        var state = State(tokens.count)
        state.enter(0, tokens)
        for byte in text where !state.step(byte, tokens) { return false }
        return state.active[tokens.count]
    }

    /// Whether some text that begins with `start` and goes on may match. Never wrongly false.
    func mayMatch(beginning start: some Sequence<UInt8>) -> Bool {
        var state = State(tokens.count)
        state.enter(0, tokens)
        for byte in start where !state.step(byte, tokens) { return false }
        return state.active.dropLast().contains(true)
    }
}

/// At which tokens a match may stand.
private struct State {
    var active: [Bool]
    private var next: [Bool]
    /// No match stands behind this token, in `places` and in `next`.
    private var furthest = 0
    private var furthestNext = 0

    init(_ count: Int) {
        active = Array(repeating: false, count: count + 1)
        next = active
    }

    /// Stands before a token, and behind it when it may match nothing.
    mutating func enter(_ position: Int, _ tokens: [Glob.Token]) {
        var position = position
        while !active[position] {
            active[position] = true
            furthest = max(furthest, position)
            guard position < tokens.count, tokens[position].mayBeEmpty else { return }
            position += 1
        }
    }

    /// Takes one byte; false when no match is left.
    mutating func step(_ byte: UInt8, _ tokens: [Glob.Token]) -> Bool {
        swap(&active, &next)
        swap(&furthest, &furthestNext)
        for index in 0...furthest { active[index] = false }
        furthest = 0
        var alive = false
        for index in 0..<min(furthestNext + 1, tokens.count) where next[index] {
            let token = tokens[index]
            let (stays, passes) = token.match(byte)
            if stays {
                active[index] = true
                furthest = max(furthest, index)
            }
            if stays, token.isStar { enter(index + 1, tokens) }
            if passes { enter(index + 1, tokens) }
            alive = alive || stays || passes
        }
        return alive
    }
}

extension Glob.Token {
    var isStar: Bool { self == .star || self == .starStar }
    var mayBeEmpty: Bool { isStar || self == .directories }

    /// Whether a match goes on at this token behind the byte, and whether it goes on at the next one.
    func match(_ byte: UInt8) -> (stays: Bool, passes: Bool) {
        switch self {
        case .byte(let wanted): (false, byte == wanted)
        case .any: (false, byte != .slash)
        case .set(let set): (false, byte != .slash && set.contains(byte))
        case .star: (byte != .slash, false)
        case .starStar: (true, false)
        case .directories: (true, byte == .slash)
        case .never: (false, false)
        }
    }
}
