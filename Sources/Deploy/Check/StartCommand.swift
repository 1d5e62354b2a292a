import DockerSyntax
import TextTools

/// The command that a container runs, as far as it is plain to see.
struct StartCommand {
    /// The words of one program, or of several when `isSimple` is false.
    let arguments: [String]
    let line: Int
    /// One program alone, with nothing in front of it that might start another.
    let isSimple: Bool

    /// From the last CMD and ENTRYPOINT of the image; nil when there is none.
    init?(_ dockerfile: Dockerfile) {
        let steps = dockerfile.finalSteps
        let command = steps.last { $0.instruction.keyword == "CMD" }
        let entry = steps.last { $0.instruction.keyword == "ENTRYPOINT" }
        guard let last = command ?? entry else { return nil }
        line = last.instruction.line
        let values = last.scope
        let all = [entry, command].compactMap { $0 }.map { Self.parseArguments($0.instruction, values) }
        arguments = all.flatMap(\.words)
        // An entrypoint that is a script may start more than the command.
        let isScript = entry.map {
            $0.instruction.text.contains(".sh") || $0.instruction.text.contains("docker-entry")
        }
        isSimple = all.allSatisfy(\.isSimple) && isScript != true
    }

    private static func parseArguments(
        _ instruction: DockerInstruction, _ scope: DockerScope
    ) -> (words: [String], isSimple: Bool) {
        guard let items = instruction.json else { return parseShell(instruction.text, scope) }
        let shells = ["sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/env"]
        if items.count > 2, shells.contains(items[0]), let text = items.last,
            items.contains(where: { $0.hasSuffix("c") })
        {
            return parseShell(text, scope)
        }
        return (items, true)
    }

    private static func parseShell(_ text: String, _ scope: DockerScope) -> (words: [String], isSimple: Bool)
    {
        var lexer = ShellLexer(escape: .backslash) { name in
            if case .known(let value)? = scope.values[name] { .known(value) } else { .unknown }
        }
        let words = (try? lexer.words(Array(text.utf8)))?.map(\.text) ?? []
        let joins = ["&&", "||", "|", "&", ";"]
        let isSimple = !words.contains { word in
            joins.contains(word) || word.hasSuffix(";") || word.hasSuffix("&")
        }
        return (words.filter { $0 != "exec" }, isSimple && !words.isEmpty)
    }

    /// The values of a flag, `--flag value` and `--flag=value`.
    func values(_ flags: Set<String>) -> [String] {
        arguments.indices.compactMap { index in
            let word = arguments[index]
            if flags.contains(word) { return index + 1 < arguments.count ? arguments[index + 1] : nil }
            guard let sign = word.firstIndex(of: "="), flags.contains(String(word[..<sign])) else {
                return nil
            }
            return String(word[word.index(after: sign)...])
        }
    }

    /// Whether a program is run: by its name, its path, or `python -m NAME`.
    func runs(_ program: String) -> Bool {
        arguments.contains { $0 == program || $0.hasSuffix("/" + program) }
    }
}
