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
    package enum Fault: Error, Hashable {
        case unclosedQuote, unclosedBrace, badSubstitution
        /// `${A:-${B:-…}}` deeper than `DockerfileLimit.depth`.
        case tooDeep
        /// Variables expand to more than `DockerfileLimit.word`.
        case tooLong

        var isLimit: Bool { self == .tooDeep || self == .tooLong }
    }

    var escape = UInt8.backslash
    /// Quotes and escapes stay as they are written.
    var keepsQuotes = false
    var keepsEscapes = false
    /// nil keeps variables as they are written.
    var lookUp: ((String) -> VariableValue)?

    private var rest: ArraySlice<UInt8> = []
    private var certainty = ExpandedWord.Certainty.certain
    private var depth = 0
    /// Bytes that variables have expanded to, those of alternatives that were not chosen too.
    private(set) var spent = 0

    package init(
        escape: UInt8 = .backslash, keepsQuotes: Bool = false, keepsEscapes: Bool = false,
        lookUp: ((String) -> VariableValue)? = nil
    ) {
        (self.escape, self.keepsQuotes, self.keepsEscapes) = (escape, keepsQuotes, keepsEscapes)
        self.lookUp = lookUp
    }

    package mutating func words(_ line: [UInt8]) throws(Fault) -> [[UInt8]] {
        rest = line[...]
        return try run(until: nil, keepsEscapes: keepsEscapes).words.finished
    }

    mutating func word(_ text: String) throws(Fault) -> ExpandedWord {
        (rest, certainty) = (Array(text.utf8)[...], .certain)
        let result = try run(until: nil, keepsEscapes: keepsEscapes).text
        return ExpandedWord(text: result.text, certainty: certainty)
    }

    private mutating func run(
        until stop: UInt8?, keepsEscapes: Bool
    ) throws(Fault) -> (text: [UInt8], words: Words) {
        var (text, words): ([UInt8], Words) = ([], Words())
        while let byte = rest.first {
            if byte == stop {
                rest.removeFirst()
                return (text, words)
            }
            switch byte {
            case .quote, .doubleQuote:
                let quoted = try byte == .quote ? single() : double()
                text += quoted
                words.addRaw(quoted)
            case .dollar:
                let value = try expansion()
                text += value
                for byte in value { words.add(byte) }
            default:
                rest.removeFirst()
                guard byte == escape else {
                    text.append(byte)
                    words.add(byte)
                    continue
                }
                let kept = (keepsEscapes ? [byte] : []) + (rest.popFirst().map { [$0] } ?? [])
                text += kept
                words.addRaw(kept)
            }
        }
        if stop != nil { throw .unclosedBrace }
        return (text, words)
    }

    private mutating func single() throws(Fault) -> [UInt8] {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: .quote) else { throw .unclosedQuote }
        let inside = Array(rest[..<end])
        rest = rest[(end + 1)...]
        return keepsQuotes ? [.quote] + inside + [.quote] : inside
    }

    private mutating func double() throws(Fault) -> [UInt8] {
        rest.removeFirst()
        var text: [UInt8] = keepsQuotes ? [.doubleQuote] : []
        while let byte = rest.first {
            switch byte {
            case .doubleQuote:
                rest.removeFirst()
                return text + (keepsQuotes ? [.doubleQuote] : [])
            case .dollar: text += try expansion()
            case escape:
                rest.removeFirst()
                if keepsEscapes { text.append(byte) }
                guard let next = rest.first else { continue }
                let isSpecial = next == .doubleQuote || next == .dollar || next == escape
                text.append(isSpecial ? next : byte)
                if isSpecial { rest.removeFirst() }
            default:
                text.append(byte)
                rest.removeFirst()
            }
        }
        throw .unclosedQuote
    }

    private mutating func expansion() throws(Fault) -> [UInt8] {
        let value = try variable()
        spent += value.count
        guard lookUp == nil || spent <= DockerfileLimit.word else { throw .tooLong }
        return value
    }

    private mutating func variable() throws(Fault) -> [UInt8] {
        rest.removeFirst()
        guard rest.first == UInt8(ascii: "{") else {
            let name = name()
            guard !name.isEmpty else { return [.dollar] }
            return value(of: name, written: [.dollar] + name)
        }
        rest.removeFirst()
        guard let first = rest.first else { throw .unclosedBrace }
        guard !["{", "}", ":"].contains(Character(UnicodeScalar(first))) else { throw .badSubstitution }
        let name = name()
        let written: [UInt8] = [.dollar, UInt8(ascii: "{")] + name
        guard let sign = rest.popFirst() else { throw .unclosedBrace }
        if sign == UInt8(ascii: "}") { return value(of: name, written: written + [sign]) }
        return try modified(name, sign, written: written)
    }

    /// `${X:-d}` and its like, behind the first sign.
    private mutating func modified(
        _ name: [UInt8], _ first: UInt8, written: [UInt8]
    ) throws(Fault) -> [UInt8] {
        let takesEmpty = first == .colon
        guard let sign = takesEmpty ? rest.popFirst() : first else { throw .unclosedBrace }
        let start = rest
        guard "+-?#%/".utf8.contains(sign), !(takesEmpty && sign == .slash) else { throw .badSubstitution }
        let keeps = sign == .hash || sign == UInt8(ascii: "%") || sign == .slash
        guard depth < DockerfileLimit.depth else { throw .tooDeep }
        depth += 1
        defer { depth -= 1 }
        let word = try run(until: UInt8(ascii: "}"), keepsEscapes: keeps).text
        guard let lookUp else {
            return written + (takesEmpty ? [.colon] : []) + [sign] + start[..<rest.startIndex]
        }
        let value = lookUp(name.text)
        switch sign {
        case .dash: return chosen(value, takesEmpty: takesEmpty, whenSet: nil, otherwise: word)
        case UInt8(ascii: "+"): return chosen(value, takesEmpty: takesEmpty, whenSet: word, otherwise: [])
        case UInt8(ascii: "?"): return chosen(value, takesEmpty: takesEmpty, whenSet: nil, otherwise: nil)
        default:
            certainty = .unknown
            return written + [sign] + start[..<rest.startIndex]
        }
    }

    private mutating func chosen(
        _ value: VariableValue, takesEmpty: Bool, whenSet: [UInt8]?, otherwise: [UInt8]?
    ) -> [UInt8] {
        if otherwise == nil, value == .unset || value == .unknown { certainty = .unknown }
        switch value {
        case .known(let text), .likely(let text):
            if case .likely = value { certainty = min(certainty, .likely) }
            return takesEmpty && text.isEmpty ? otherwise ?? [] : whenSet ?? Array(text.utf8)
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
        guard let first = rest.first else { return [] }
        let name: ArraySlice<UInt8>
        if first.isDigit {
            name = rest.prefix(while: \.isDigit)
        } else if "@*#?-$!".utf8.contains(first) {
            name = rest.prefix(1)
        } else {
            name = rest.prefix(while: \.isWord)
        }
        rest = rest.dropFirst(name.count)
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
