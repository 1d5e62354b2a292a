import TextTools

/// A shell pattern with the semantics of Git's `wildmatch`, compiled to tokens and matched as a
/// nondeterministic automaton: the time is at most text length times pattern length for any
/// pattern, also for `a*a*a*b`.
package struct Glob: Hashable, Sendable {
    enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// `?`: any byte except the slash.
        case any
        case set(ByteSet)
        /// `*`: any number of bytes except slashes.
        case star
        /// `**`: any number of bytes, including slashes.
        case starStar
        /// `**/`: any number of directories, including none.
        case directories
        /// A set that is not closed or names an unknown class: it matches nothing, as in Git.
        case never
    }

    private(set) var tokens: [Token] = []
    /// The literal bytes at the start of the pattern. Comparing them first rejects most texts quickly.
    private var literalPrefix: [UInt8] = []

    /// - Parameter pattern: The pattern without `!` and without the slash that marks a directory.
    package init(_ pattern: ArraySlice<UInt8>) {
        var parser = GlobParser(remaining: pattern)
        while let token = parser.next() { tokens.append(token) }
        literalPrefix = Self.literalPrefix(of: tokens)
    }

    /// Creates a glob with literal bytes before the pattern. Git compares the literal bytes first
    /// and treats the remainder as a separate pattern, so that `**` directly after them counts as
    /// leading (`foo**/bar` matches `foox/y/bar`).
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

    /// Returns whether a longer text that begins with `start` may match. Never wrongly `false`.
    func mayMatch(beginning start: some Sequence<UInt8>) -> Bool {
        var state = State(tokens.count)
        state.enter(0, tokens)
        for byte in start where !state.step(byte, tokens) { return false }
        return state.active.dropLast().contains(true)
    }
}

/// The state of a match: the set of active token positions.
private struct State {
    var active: [Bool]
    private var next: [Bool]
    /// The highest active position in `active`; `furthestNext` is that in `next`.
    private var furthest = 0
    private var furthestNext = 0

    init(_ count: Int) {
        active = Array(repeating: false, count: count + 1)
        next = active
    }

    /// Activates a position, and those after it as long as tokens may be empty.
    mutating func enter(_ position: Int, _ tokens: [Glob.Token]) {
        var position = position
        while !active[position] {
            active[position] = true
            furthest = max(furthest, position)
            guard position < tokens.count, tokens[position].mayBeEmpty else { return }
            position += 1
        }
    }

    /// Consumes one byte.
    /// - Returns: `false` if no match is possible any more.
    mutating func step(_ byte: UInt8, _ tokens: [Glob.Token]) -> Bool {
        swap(&active, &next)
        swap(&furthest, &furthestNext)
        for index in 0...furthest { active[index] = false }
        furthest = 0
        var isActive = false
        for index in 0..<min(furthestNext + 1, tokens.count) where next[index] {
            let token = tokens[index]
            let (stays, passes) = token.match(byte)
            if stays {
                active[index] = true
                furthest = max(furthest, index)
            }
            if stays, token.isStar { enter(index + 1, tokens) }
            if passes { enter(index + 1, tokens) }
            isActive = isActive || stays || passes
        }
        return isActive
    }
}

extension Glob.Token {
    var isStar: Bool { self == .star || self == .starStar }
    var mayBeEmpty: Bool { isStar || self == .directories }

    /// Returns whether a match continues at this token after the byte, and whether it continues at
    /// the next token.
    func match(_ byte: UInt8) -> (stays: Bool, passes: Bool) {
        switch self {
        case .byte(let expected): (false, byte == expected)
        case .any: (false, byte != .slash)
        case .set(let set): (false, byte != .slash && set.contains(byte))
        case .star: (byte != .slash, false)
        case .starStar: (true, false)
        case .directories: (true, byte == .slash)
        case .never: (false, false)
        }
    }
}
