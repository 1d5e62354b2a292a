import SpacesModel
import TextTools

/// A shell command line, split into arguments as POSIX sh would; a command that needs a shell is
/// passed to `sh -c`.
package struct ShellCommand {
    private enum ParseError: Error { case needsShell, unclosedQuote }

    private var remaining: Substring
    private var words: [String] = []
    private var word: String?

    private init(_ text: String) { remaining = text[...] }

    package static func words(of text: String) throws(DeployError) -> [String] {
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw DeployError(
                .settings, "command: contains a control character", hint: "put several lines in a script")
        }
        guard text.contains(where: { $0 != " " }) else {
            throw DeployError(
                .settings, "command is empty", hint: "remove it to run the image's own command")
        }
        if case .strings(let items) = DockerJSON(Array(text.utf8)[...].trimmingSpaces) { return items }
        do throws(ParseError) {
            var command = ShellCommand(text)
            return try command.split()
        } catch {
            guard error == .needsShell else {
                throw DeployError(.settings, "command = \(text): a quote is not closed")
            }
            return ["sh", "-c", text]
        }
    }

    /// Shell builtins and keywords, which cannot be executed as a program.
    private static let builtins: Set<String> = [
        ".", ":", "!", "cd", "eval", "exec", "export", "read", "set", "shift", "source", "trap", "ulimit",
        "umask",
        "unset", "wait", "command", "if", "for", "while", "until", "case",
    ]

    private mutating func split() throws(ParseError) -> [String] {
        var needsShell = false
        while let character = remaining.popFirst() {
            do throws(ParseError) {
                try consume(character)
            } catch {
                // Continues, because an unclosed quote is an error in a shell, too.
                guard error == .needsShell else { throw error }
                needsShell = true
            }
        }
        endWord()
        guard !needsShell, let first = words.first, !Self.builtins.contains(first) else { throw .needsShell }
        return words
    }

    private mutating func consume(_ character: Character) throws(ParseError) {
        switch character {
        case " ": endWord()
        case "'": append(try quoted())
        case "\"": append(try doublyQuoted())
        case "\\":
            guard let next = remaining.popFirst() else { throw .unclosedQuote }
            append(String(next))
        default:
            let isAssignment = character == "=" && words.isEmpty
            let isSpecial = word == nil && "~#".contains(character)
            append(String(character))
            if "|&;<>()$`*?[{".contains(character) || isAssignment || isSpecial { throw .needsShell }
        }
    }

    /// Appends in place: a copy for each character would take quadratic time.
    private mutating func append(_ text: String) {
        if word == nil { word = text } else { word?.append(text) }
    }

    private mutating func endWord() {
        if let word { words.append(word) }
        word = nil
    }

    private mutating func quoted() throws(ParseError) -> String {
        guard let end = remaining.firstIndex(of: "'") else { throw .unclosedQuote }
        defer { remaining = remaining[remaining.index(after: end)...] }
        return String(remaining[..<end])
    }

    private mutating func doublyQuoted() throws(ParseError) -> String {
        var (text, needsShell) = ("", false)
        while let character = remaining.popFirst() {
            switch character {
            case "\"":
                guard !needsShell else { throw .needsShell }
                return text
            case "\\":
                guard let next = remaining.popFirst() else { throw .unclosedQuote }
                text += "\"\\$`".contains(next) ? String(next) : "\\\(next)"
            default:
                needsShell = needsShell || "$`".contains(character)
                text.append(character)
            }
        }
        throw .unclosedQuote
    }
}
