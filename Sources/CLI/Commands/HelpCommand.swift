import Documentation
import Reporting
import SpacesModel

/// The command `help`: prints the overview, or the help of one command.
enum HelpCommand {
    static let command = Command(
        .help, flags: [],
        output: [.help]
    ) { (invocation) async throws(DeployError) in
        let name = invocation.arguments.positionals.first
        invocation.environment.out.write(
            try name.map { (name) throws(DeployError) in HelpText.of(try Command.find(name)) }
                ?? HelpText.overview)
        return 0
    }
}

/// The help texts, generated from the commands and flags.
enum HelpText {
    static var overview: String {
        let width = Command.all.map { "\($0.name) \($0.help.synopsis)".count }.max() ?? 0
        let commands = Command.all.map { command in
            "  " + padded("\(command.name) \(command.help.synopsis)", width) + "  " + command.help.summary
        }
        return """
            spacesync \(CommandLineTool.version): git push for Hugging Face Spaces

            usage: spacesync COMMAND [FLAGS] [SPACE…]

            \(commands.joined(separator: "\n"))

            A first deploy:  spacesync push owner/name --branch BRANCH --create
            Without a token: spacesync demo
            More:            spacesync help COMMAND, spacesync --version

            """
    }

    static func of(_ command: Command) -> String {
        let aliasLine = command.aliases.isEmpty ? "" : "also: \(command.aliases.joined(separator: ", "))\n"
        let details = command.help.details.isEmpty ? "" : "\n\(command.help.details)\n"
        let shownFlags = command.flags + command.output
        let width = shownFlags.map(\.usage.count).max() ?? 0
        let flags = shownFlags.map { "  " + padded($0.usage, width) + "  " + $0.summary }
        let ignoredNames = command.ignoredFlags.map { $0.names[0] }.joined(separator: " ")
        let ignoredLine = ignoredNames.isEmpty ? "" : "taken too, without effect here: \(ignoredNames)\n"
        return """
            usage: spacesync \([command.name, command.help.synopsis].filter { !$0.isEmpty }.joined(separator: " "))
            \(command.help.summary)
            \(aliasLine)\(details)
            \(flags.joined(separator: "\n"))
            \(ignoredLine)
            """
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
