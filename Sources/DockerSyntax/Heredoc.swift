import TextTools

/// A text that an instruction carries on the lines below it: `RUN <<EOF`.
package struct Heredoc: Hashable, Sendable {
    package var name: String
    /// `<<-`: tabs at the start of its lines do not count.
    package var stripsTabs: Bool
    package var lines: [String] = []

    /// What a word begins, if it begins one: digits, `<<` or `<<-`, a name that may be quoted.
    package init?(word: some Collection<UInt8>) {
        let sign: [UInt8] = [UInt8(ascii: "<"), UInt8(ascii: "<")]
        var rest = Array(word)[...].drop(while: \.isDigit)
        guard rest.starts(with: sign) else { return nil }
        rest = rest.dropFirst(2)
        stripsTabs = rest.first == .dash
        rest = rest.dropFirst(stripsTabs ? 1 : 0).trimmingStart
        guard !rest.isEmpty, !rest.contains(UInt8(ascii: "<")) else { return nil }
        var lexer = ShellLexer()
        guard let words = try? lexer.words(Array(rest)), words.count == 1, let first = words.first else {
            return nil
        }
        name = first.text
    }

    /// All that a line begins, in order; a line whose quotes are not closed begins none.
    static func all(in line: [UInt8]) -> [Heredoc] {
        var lexer = ShellLexer(preservesQuotes: true, preservesEscapes: true)
        guard let words = try? lexer.words(line) else { return [] }
        return words.compactMap { Heredoc(word: $0) }
    }
}
