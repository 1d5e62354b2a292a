import TextTools

/// What is known of a variable where it is used.
package enum VariableValue: Hashable, Sendable {
    case known(String)
    /// A default that a variable of the Space may replace (the Hub gives them as build arguments).
    case likely(String)
    /// Nobody gave it a value.
    case unset
    /// Set elsewhere, or perhaps not: by the base image, by the Space.
    case unknown
}

/// A word with its variables put in, and how sure it is.
package struct ExpandedWord: Hashable, Sendable {
    package enum Certainty: Int, Comparable, Sendable {
        case unknown, likely, certain
        package static func < (left: Certainty, right: Certainty) -> Bool { left.rawValue < right.rawValue }
    }
    package var text: String
    package var certainty: Certainty
}

/// Splits words and puts variables in as BuildKit does (moby/buildkit `frontend/dockerfile/shell/lex.go`).
package struct ShellLexer {
    package enum LexerError: Error, Hashable {
        case unclosedQuote, unclosedBrace, badSubstitution
        /// `${A:-${B:-…}}` deeper than `DockerfileLimit.depth`.
        case tooDeep
        /// Variables expand to more than `DockerfileLimit.word`.
        case tooLong

        var isLimit: Bool { self == .tooDeep || self == .tooLong }
    }

    var escape = UInt8.backslash
    /// Quotes and escapes stay as they are written.
    var preservesQuotes = false
    var preservesEscapes = false
    /// nil keeps variables as they are written.
    var lookUp: ((String) -> VariableValue)?

    private var remaining: ArraySlice<UInt8> = []
    private var certainty = ExpandedWord.Certainty.certain
    private var depth = 0
    /// Bytes that variables have expanded to, those of alternatives that were not chosen too.
    private(set) var expandedBytes = 0

    package init(
        escape: UInt8 = .backslash, preservesQuotes: Bool = false, preservesEscapes: Bool = false,
        lookUp: ((String) -> VariableValue)? = nil
    ) {
        (self.escape, self.preservesQuotes, self.preservesEscapes) = (
            escape, preservesQuotes, preservesEscapes
        )
        self.lookUp = lookUp
    }

    package mutating func words(_ line: [UInt8]) throws(LexerError) -> [[UInt8]] {
        remaining = line[...]
        return try run(until: nil, preservesEscapes: preservesEscapes).words.finished
    }

    mutating func word(_ text: String) throws(LexerError) -> ExpandedWord {
        (remaining, certainty) = (Array(text.utf8)[...], .certain)
        let result = try run(until: nil, preservesEscapes: preservesEscapes).text
        return ExpandedWord(text: result.text, certainty: certainty)
    }

    private mutating func run(
        until stop: UInt8?, preservesEscapes: Bool
    ) throws(LexerError) -> (text: [UInt8], words: Words) {
        var (text, words): ([UInt8], Words) = ([], Words())
        while let byte = remaining.first {
            if byte == stop {
                remaining.removeFirst()
                return (text, words)
            }
            switch byte {
            case .quote, .doubleQuote:
                let quoted = try byte == .quote ? singleQuoted() : doubleQuoted()
                text += quoted
                words.addRaw(quoted)
            case .dollar:
                let value = try expansion()
                text += value
                for byte in value { words.add(byte) }
            default:
                remaining.removeFirst()
                guard byte == escape else {
                    text.append(byte)
                    words.add(byte)
                    continue
                }
                let kept = (preservesEscapes ? [byte] : []) + (remaining.popFirst().map { [$0] } ?? [])
                text += kept
                words.addRaw(kept)
            }
        }
        if stop != nil { throw .unclosedBrace }
        return (text, words)
    }

    private mutating func singleQuoted() throws(LexerError) -> [UInt8] {
        remaining.removeFirst()
        guard let end = remaining.firstIndex(of: .quote) else { throw .unclosedQuote }
        let inside = Array(remaining[..<end])
        remaining = remaining[(end + 1)...]
        return preservesQuotes ? [.quote] + inside + [.quote] : inside
    }

    private mutating func doubleQuoted() throws(LexerError) -> [UInt8] {
        remaining.removeFirst()
        var text: [UInt8] = preservesQuotes ? [.doubleQuote] : []
        while let byte = remaining.first {
            switch byte {
            case .doubleQuote:
                remaining.removeFirst()
                return text + (preservesQuotes ? [.doubleQuote] : [])
            case .dollar: text += try expansion()
            case escape:
                remaining.removeFirst()
                if preservesEscapes { text.append(byte) }
                guard let next = remaining.first else { continue }
                let isSpecial = next == .doubleQuote || next == .dollar || next == escape
                text.append(isSpecial ? next : byte)
                if isSpecial { remaining.removeFirst() }
            default:
                text.append(byte)
                remaining.removeFirst()
            }
        }
        throw .unclosedQuote
    }

    private mutating func expansion() throws(LexerError) -> [UInt8] {
        let value = try variable()
        expandedBytes += value.count
        guard lookUp == nil || expandedBytes <= DockerfileLimit.wordExpansion else { throw .tooLong }
        return value
    }

    private mutating func variable() throws(LexerError) -> [UInt8] {
        remaining.removeFirst()
        guard remaining.first == UInt8(ascii: "{") else {
            let name = name()
            guard !name.isEmpty else { return [.dollar] }
            return value(of: name, written: [.dollar] + name)
        }
        remaining.removeFirst()
        guard let first = remaining.first else { throw .unclosedBrace }
        guard !["{", "}", ":"].contains(Character(UnicodeScalar(first))) else { throw .badSubstitution }
        let name = name()
        let written: [UInt8] = [.dollar, UInt8(ascii: "{")] + name
        guard let sign = remaining.popFirst() else { throw .unclosedBrace }
        if sign == UInt8(ascii: "}") { return value(of: name, written: written + [sign]) }
        return try modified(name, sign, written: written)
    }

    /// `${X:-d}` and its like, behind the first sign.
    private mutating func modified(
        _ name: [UInt8], _ first: UInt8, written: [UInt8]
    ) throws(LexerError) -> [UInt8] {
        let takesEmpty = first == .colon
        guard let sign = takesEmpty ? remaining.popFirst() : first else { throw .unclosedBrace }
        let start = remaining
        guard "+-?#%/".utf8.contains(sign), !(takesEmpty && sign == .slash) else { throw .badSubstitution }
        let keeps = sign == .hash || sign == UInt8(ascii: "%") || sign == .slash
        guard depth < DockerfileLimit.depth else { throw .tooDeep }
        depth += 1
        defer { depth -= 1 }
        let word = try run(until: UInt8(ascii: "}"), preservesEscapes: keeps).text
        guard let lookUp else {
            return written + (takesEmpty ? [.colon] : []) + [sign] + start[..<remaining.startIndex]
        }
        let value = lookUp(name.text)
        switch sign {
        case .dash: return alternative(value, treatsEmptyAsUnset: takesEmpty, whenSet: nil, otherwise: word)
        case UInt8(ascii: "+"):
            return alternative(value, treatsEmptyAsUnset: takesEmpty, whenSet: word, otherwise: [])
        case UInt8(ascii: "?"):
            return alternative(value, treatsEmptyAsUnset: takesEmpty, whenSet: nil, otherwise: nil)
        default:
            certainty = .unknown
            return written + [sign] + start[..<remaining.startIndex]
        }
    }

    private mutating func alternative(
        _ value: VariableValue, treatsEmptyAsUnset: Bool, whenSet: [UInt8]?, otherwise: [UInt8]?
    ) -> [UInt8] {
        if otherwise == nil, value == .unset || value == .unknown { certainty = .unknown }
        switch value {
        case .known(let text), .likely(let text):
            if case .likely = value { certainty = min(certainty, .likely) }
            return treatsEmptyAsUnset && text.isEmpty ? otherwise ?? [] : whenSet ?? Array(text.utf8)
        case .unset: return otherwise ?? []
        case .unknown:
            certainty = min(certainty, .likely)
            return otherwise ?? []
        }
    }

    private mutating func value(of name: [UInt8], written: [UInt8]) -> [UInt8] {
        guard let lookUp else { return written }
        switch lookUp(name.text) {
        case .known(let text): return Array(text.utf8)
        case .likely(let text):
            certainty = min(certainty, .likely)
            return Array(text.utf8)
        case .unset: return []
        case .unknown:
            certainty = .unknown
            return written
        }
    }

    private mutating func name() -> [UInt8] {
        guard let first = remaining.first else { return [] }
        let name: ArraySlice<UInt8>
        if first.isDigit {
            name = remaining.prefix(while: \.isDigit)
        } else if "@*#?-$!".utf8.contains(first) {
            name = remaining.prefix(1)
        } else {
            name = remaining.prefix(while: \.isWord)
        }
        remaining = remaining.dropFirst(name.count)
        return Array(name)
    }
}

/// Words as they grow; spaces outside quotes end them.
private struct Words {
    private var word: [UInt8] = []
    private var words: [[UInt8]] = []

    mutating func add(_ byte: UInt8) {
        if byte.isSpace { end() } else { word.append(byte) }
    }
    mutating func addRaw(_ bytes: [UInt8]) { word += bytes }
    private mutating func end() {
        if !word.isEmpty { words.append(word) }
        word = []
    }
    var finished: [[UInt8]] {
        var copy = self
        copy.end()
        return copy.words
    }
}
