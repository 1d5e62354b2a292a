import TextTools

/// A here-document of an instruction: `RUN <<EOF`.
package struct Heredoc: Hashable, Sendable {
    package var name: String
    /// `<<-`: leading tabs of its lines are removed.
    package var stripsTabs: Bool
    package var lines: [String] = []

    /// Parses the start of a heredoc: optional digits, `<<` or `<<-`, and a name that may be
    /// quoted; `nil` for other words.
    package init?(word: some Collection<UInt8>) {
        let marker: [UInt8] = [UInt8(ascii: "<"), UInt8(ascii: "<")]
        var remaining = Array(word)[...].drop(while: \.isDigit)
        guard remaining.starts(with: marker) else { return nil }
        remaining = remaining.dropFirst(2)
        stripsTabs = remaining.first == .dash
        remaining = remaining.dropFirst(stripsTabs ? 1 : 0).trimmingStart
        guard !remaining.isEmpty, !remaining.contains(UInt8(ascii: "<")) else { return nil }
        var lexer = ShellLexer()
        guard let words = try? lexer.words(Array(remaining)), words.count == 1, let first = words.first else {
            return nil
        }
        name = first.text
    }

    /// Returns all heredocs that a line starts, in order; none if its quotes are not closed.
    static func all(in line: [UInt8]) -> [Heredoc] {
        var lexer = ShellLexer(preservesQuotes: true, preservesEscapes: true)
        guard let words = try? lexer.words(line) else { return [] }
        return words.compactMap { Heredoc(word: $0) }
    }
}
