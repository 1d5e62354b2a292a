import DockerSyntax
import TextTools

/// The command that a container runs, as far as the Dockerfile shows it.
struct StartCommand {
    /// The arguments of one program, or of several if `isSimple` is false.
    let arguments: [String]
    let line: Int
    /// Whether the command is one program, with nothing before it that might start another.
    let isSimple: Bool

    /// Reads the last CMD and ENTRYPOINT of the image; `nil` if there is none.
    init?(_ dockerfile: Dockerfile) {
        let steps = dockerfile.finalSteps
        let command = steps.last { $0.instruction.keyword == "CMD" }
        let entry = steps.last { $0.instruction.keyword == "ENTRYPOINT" }
        guard let last = command ?? entry else { return nil }
        line = last.instruction.line
        let values = last.scope
        let all = [entry, command].compactMap { $0 }.map { Self.parseArguments($0.instruction, values) }
        arguments = all.flatMap(\.arguments)
        // An entrypoint script may start other programs than the command.
        let isScript = entry.map {
            $0.instruction.text.contains(".sh") || $0.instruction.text.contains("docker-entry")
        }
        isSimple = all.allSatisfy(\.isSimple) && isScript != true
    }

    private static func parseArguments(
        _ instruction: DockerInstruction, _ scope: DockerScope
    ) -> (arguments: [String], isSimple: Bool) {
        guard let items = instruction.json else { return parseShell(instruction.text, scope) }
        let shells = ["sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/env"]
        if items.count > 2, shells.contains(items[0]), let text = items.last,
            items.contains(where: { $0.hasSuffix("c") })
        {
            return parseShell(text, scope)
        }
        return (items, true)
    }

    private static func parseShell(_ text: String, _ scope: DockerScope) -> (
        arguments: [String], isSimple: Bool
    ) {
        var lexer = ShellLexer(escape: .backslash) { name in
            if case .known(let value)? = scope.values[name] { .known(value) } else { .unknown }
        }
        let arguments = (try? lexer.words(Array(text.utf8)))?.map(\.text) ?? []
        let separators = ["&&", "||", "|", "&", ";"]
        let isSimple = !arguments.contains { argument in
            separators.contains(argument) || argument.hasSuffix(";") || argument.hasSuffix("&")
        }
        return (arguments.filter { $0 != "exec" }, isSimple && !arguments.isEmpty)
    }

    /// Returns the values of flags, from `--flag value` and `--flag=value`.
    func values(_ flags: Set<String>) -> [String] {
        arguments.indices.compactMap { index in
            let argument = arguments[index]
            if flags.contains(argument) { return index + 1 < arguments.count ? arguments[index + 1] : nil }
            guard let equalsSign = argument.firstIndex(of: "="),
                flags.contains(String(argument[..<equalsSign]))
            else {
                return nil
            }
            return String(argument[argument.index(after: equalsSign)...])
        }
    }

    /// Whether the command runs a program: by its name, its path, or `python -m NAME`.
    func runs(_ program: String) -> Bool {
        arguments.contains { $0 == program || $0.hasSuffix("/" + program) }
    }
}
