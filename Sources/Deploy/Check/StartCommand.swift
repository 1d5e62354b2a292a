import DockerSyntax
import TextTools

/// The command that a container runs, as far as it is plain to see.
struct StartCommand {
    /// The words of one program, or of several when `isSimple` is false.
    let words: [String]
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
        let all = [entry, command].compactMap { $0 }.map { Self.words($0.instruction, values) }
        words = all.flatMap(\.words)
        // An entrypoint that is a script may start more than the command.
        let isScript = entry.map {
            $0.instruction.text.contains(".sh") || $0.instruction.text.contains("docker-entry")
        }
        isSimple = all.allSatisfy(\.isSimple) && isScript != true
    }

    private static func words(
        _ instruction: DockerInstruction, _ scope: DockerScope
    ) -> (words: [String], isSimple: Bool) {
        guard let items = instruction.json else { return shell(instruction.text, scope) }
        let shells = ["sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/env"]
        if items.count > 2, shells.contains(items[0]), let text = items.last,
            items.contains(where: { $0.hasSuffix("c") })
        {
            return shell(text, scope)
        }
        return (items, true)
    }

    private static func shell(_ text: String, _ scope: DockerScope) -> (words: [String], isSimple: Bool) {
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
        words.indices.compactMap { index in
            let word = words[index]
            if flags.contains(word) { return index + 1 < words.count ? words[index + 1] : nil }
            guard let sign = word.firstIndex(of: "="), flags.contains(String(word[..<sign])) else {
                return nil
            }
            return String(word[word.index(after: sign)...])
        }
    }

    /// Whether a program is run: by its name, its path, or `python -m NAME`.
    func runs(_ program: String) -> Bool {
        words.contains { $0 == program || $0.hasSuffix("/" + program) }
    }
}
