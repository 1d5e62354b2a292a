import Documentation
import Reporting
import SpacesModel

extension Command {
    static let help = Command(
        .help, flags: [],
        output: [.help]
    ) { (invocation) async throws(DeployError) in
        let name = invocation.arguments.positionals.first
        invocation.environment.out.write(
            try name.map { (name) throws(DeployError) in HelpText.of(try find(name)) } ?? HelpText.overview)
        return 0
    }
}

/// Help as text, made from the tables of commands and flags.
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
        let also = command.aliases.isEmpty ? "" : "also: \(command.aliases.joined(separator: ", "))\n"
        let details = command.help.details.isEmpty ? "" : "\n\(command.help.details)\n"
        let listed = command.flags + command.output
        let width = listed.map(\.usage.count).max() ?? 0
        let flags = listed.map { "  " + padded($0.usage, width) + "  " + $0.summary }
        let idle = command.ignoredFlags.map { $0.names[0] }.joined(separator: " ")
        let others = idle.isEmpty ? "" : "taken too, without effect here: \(idle)\n"
        return """
            usage: spacesync \([command.name, command.help.synopsis].filter { !$0.isEmpty }.joined(separator: " "))
            \(command.help.summary)
            \(also)\(details)
            \(flags.joined(separator: "\n"))
            \(others)
            """
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
