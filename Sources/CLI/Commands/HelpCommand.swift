import Documentation
import Reporting
import SpacesModel

/// The command `help`: prints the overview, or the help of a command, topic or setting.
enum HelpCommand {
    static let command = Command(
        .help, flags: [],
        output: [.help]
    ) { (invocation) async throws(DeployError) in
        let words = invocation.arguments.positionals
        invocation.environment.out.write(
            words.isEmpty ? HelpText.overview : try HelpSubject(words).text)
        return 0
    }
}

/// The help texts, generated from the commands and flags, at most 80 columns wide.
enum HelpText {
    /// The maximum width of the left column of a list.
    private static let leftWidth = 26

    /// The commands under their headings, in the order of the help.
    static var groups: [(heading: String, commands: [Command])] {
        CommandHelp.Group.allCases.map { group in
            (group.rawValue, Command.all.filter { $0.help.group == group })
        }
    }

    static var overview: String {
        let commands = groups.map { heading, commands in
            "\(heading):\n"
                + HelpLayout.list(commands.map { (overviewUsage($0), $0.help.summary) }, leftWidth)
        }
        let globalOptions = HelpLayout.list(
            ([.config, .tokenFile] + Flag.output).map { ($0.usage, $0.summary) }, leftWidth)
        let topics = HelpLayout.wrapped("  " + HelpTopic.all.map(\.name).joined(separator: ", "), indent: 2)
        return """
            spacesync \(CommandLineTool.version): git push for Hugging Face Spaces

            Usage: spacesync COMMAND [FLAGS] [SPACE…]

            \(commands.joined(separator: "\n\n"))

            Options of most commands:
            \(globalOptions)

            Topics (spacesync help topics):
            \(topics)

            First deploy:    spacesync push owner/name --branch BRANCH --create
            Without a token: spacesync demo
            More:            spacesync help COMMAND, spacesync help TOPIC

            """
    }

    static func of(_ command: Command) -> String {
        let help = command.help
        let usage = ["Usage: spacesync", command.name, help.synopsis].filter { !$0.isEmpty }
        var parts = [HelpLayout.wrapped(usage.joined(separator: " "), indent: 4)]
        var summary = [capitalized(help.summary)]
        let aliases = command.aliases + Synonyms.commands.filter { $0.value == command.name }.keys.sorted()
        if !aliases.isEmpty { summary.append("Also: \(aliases.joined(separator: ", "))") }
        parts.append(summary.joined(separator: "\n"))
        if !help.details.isEmpty {
            let lines = help.details.split(separator: "\n").map { line in
                let indent = line.prefix { $0 == " " }.count
                return (indent == 0 ? "\n" : "")
                    + HelpLayout.wrapped(String(line), indent: indent == 0 ? 0 : indent + 2)
            }
            parts.append(String(lines.joined(separator: "\n").drop { $0 == "\n" }))
        }
        if !help.examples.isEmpty {
            parts.append("Examples:\n" + help.examples.map { "  spacesync \($0)" }.joined(separator: "\n"))
        }
        let groups = flagGroups(command)
        let column = min(leftWidth, groups.flatMap(\.flags).map(\.usage.count).max() ?? 0)
        parts += groups.map { heading, flags in
            "\(heading):\n" + HelpLayout.list(flags.map { ($0.usage, $0.summary) }, column)
        }
        let ignored = command.ignoredFlags.map { $0.names[0] }.joined(separator: " ")
        if !ignored.isEmpty {
            parts.append(HelpLayout.wrapped("Accepted and ignored: \(ignored)", indent: 2))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// The flags of a command under their headings, the common ones first. Every flag is in one group.
    static func flagGroups(_ command: Command) -> [(heading: String, flags: [Flag])] {
        let global = [Flag.config, .tokenFile]
        let own = command.flags.filter { !global.contains($0) }
        let last = command.flags.filter { global.contains($0) } + command.output
        let special: [(heading: String, flags: [Flag])] = [
            ("Files to deploy", Flag.target.filter { ![.source, .branch, .drift, .set].contains($0) }),
            ("Settings of the Space", Array(Flag.creating.dropFirst()) + [.prune]),
            ("Guards", [.drift, .force, .adopt]),
            ("Variables and secrets", [.secret, .secretsFile, .variable, .envFile]),
        ]
        // A few flags need no headings.
        let isGrouped = own.count > 10
        let grouped = special.map { heading, flags in
            (heading: heading, flags: own.filter { isGrouped && flags.contains($0) })
        }
        let common = own.filter { flag in !grouped.contains { $0.flags.contains(flag) } }
        return ([("Options", common)] + grouped + [("Global options", last)]).filter { !$0.flags.isEmpty }
    }

    /// The name and the arguments of a command, or the name alone if they do not fit.
    private static func overviewUsage(_ command: Command) -> String {
        let usage = [command.name, command.help.synopsis].filter { !$0.isEmpty }.joined(separator: " ")
        return usage.count <= leftWidth ? usage : command.name
    }

    private static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
