import TextTools

/// The value of a variable at the place where it is used.
package enum VariableValue: Hashable, Sendable {
    case known(String)
    /// A default that a variable of the Space may override (the Hub passes variables as build
    /// arguments).
    case likely(String)
    /// Without a value.
    case unset
    /// Possibly set by the base image or by the Space.
    case unknown
}

/// A word with variables expanded, and the certainty of the result.
package struct ExpandedWord: Hashable, Sendable {
    package enum Certainty: Int, Comparable, Sendable {
        case unknown, likely, certain
        package static func < (left: Certainty, right: Certainty) -> Bool { left.rawValue < right.rawValue }
    }
    package var text: String
    package var certainty: Certainty
}

/// Splits words and expands variables as BuildKit does (moby/buildkit
/// `frontend/dockerfile/shell/lex.go`).
package struct ShellLexer {
    package enum LexerError: Error, Hashable {
        case unclosedQuote, unclosedBrace, badSubstitution
        /// `${A:-${B:-…}}` is nested deeper than `DockerfileLimit.depth`.
        case tooDeep
        /// Variables expand to more than `DockerfileLimit.wordExpansion` bytes.
        case tooLong

        var isLimit: Bool { self == .tooDeep || self == .tooLong }
    }

    var escape = UInt8.backslash
    /// Whether quotes and escapes are kept as written.
    var preservesQuotes = false
    var preservesEscapes = false
    /// If `nil`, variables are kept as written.
    var lookUp: ((String) -> VariableValue)?

    private var remaining: ArraySlice<UInt8> = []
    private var certainty = ExpandedWord.Certainty.certain
    private var depth = 0
    /// Bytes that variables have expanded to, including alternatives that were not used.
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
                let literal = (preservesEscapes ? [byte] : []) + (remaining.popFirst().map { [$0] } ?? [])
                text += literal
                words.addRaw(literal)
            }
        }
        if stop != nil { throw .unclosedBrace }
        return (text, words)
    }

    private mutating func singleQuoted() throws(LexerError) -> [UInt8] {
        remaining.removeFirst()
        guard let end = remaining.firstIndex(of: .quote) else { throw .unclosedQuote }
        let content = Array(remaining[..<end])
        remaining = remaining[(end + 1)...]
        return preservesQuotes ? [.quote] + content + [.quote] : content
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
        guard let operatorByte = remaining.popFirst() else { throw .unclosedBrace }
        if operatorByte == UInt8(ascii: "}") { return value(of: name, written: written + [operatorByte]) }
        return try modified(name, operatorByte, written: written)
    }

    /// Returns the value of `${X:-d}` and similar forms; `first` is the character after the name.
    private mutating func modified(
        _ name: [UInt8], _ first: UInt8, written: [UInt8]
    ) throws(LexerError) -> [UInt8] {
        let treatsEmptyAsUnset = first == .colon
        guard let operatorByte = treatsEmptyAsUnset ? remaining.popFirst() : first else {
            throw .unclosedBrace
        }
        let start = remaining
        guard "+-?#%/".utf8.contains(operatorByte), !(treatsEmptyAsUnset && operatorByte == .slash) else {
            throw .badSubstitution
        }
        let preservesEscapes =
            operatorByte == .hash || operatorByte == UInt8(ascii: "%") || operatorByte == .slash
        guard depth < DockerfileLimit.depth else { throw .tooDeep }
        depth += 1
        defer { depth -= 1 }
        let word = try run(until: UInt8(ascii: "}"), preservesEscapes: preservesEscapes).text
        guard let lookUp else {
            return written + (treatsEmptyAsUnset ? [.colon] : []) + [operatorByte]
                + start[..<remaining.startIndex]
        }
        let value = lookUp(name.text)
        switch operatorByte {
        case .dash:
            return alternative(value, treatsEmptyAsUnset: treatsEmptyAsUnset, whenSet: nil, otherwise: word)
        case UInt8(ascii: "+"):
            return alternative(value, treatsEmptyAsUnset: treatsEmptyAsUnset, whenSet: word, otherwise: [])
        case UInt8(ascii: "?"):
            return alternative(value, treatsEmptyAsUnset: treatsEmptyAsUnset, whenSet: nil, otherwise: nil)
        default:
            certainty = .unknown
            return written + [operatorByte] + start[..<remaining.startIndex]
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

/// Words under construction; blanks outside quotes end a word.
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
