import Documentation
import Reporting
import SpacesModel
import TextTools

/// A command: its help, aliases, flags and implementation.
struct Command: Sendable {
    let help: CommandHelp
    let aliases: [String]
    let flags: [Flag]
    /// Flags of other commands that are accepted without effect, so that the same flags work for
    /// several commands.
    let ignoredFlags: [Flag]
    /// The common flags that have an effect for this command.
    let output: [Flag]
    let run: @Sendable (Invocation) async throws(DeployError) -> Int

    init(
        _ help: CommandHelp, aliases: [String] = [], flags: [Flag], ignoredFlags: [Flag] = [],
        output: [Flag] = Flag.output,
        run: @escaping @Sendable (Invocation) async throws(DeployError) -> Int
    ) {
        (self.help, self.aliases, self.flags) = (help, aliases, flags)
        (self.ignoredFlags, self.output, self.run) = (ignoredFlags, output, run)
    }

    var name: String { help.name }

    /// All accepted flags. The command's own names override those of common flags (`-v` is hf's for
    /// a volume).
    var allFlags: [Flag] {
        let own = flags + ignoredFlags
        let taken = Set(own.flatMap(\.names))
        return own + Flag.output.filter { taken.isDisjoint(with: $0.names) }
    }
}

/// A call of a command.
struct Invocation: Sendable {
    let command: Command
    let arguments: Arguments
    let environment: CommandEnvironment
    let reporter: any Reporter
}

extension Command {
    static let all: [Command] =
        [
            push, mirror, plan, check, initialize, export, drift, watch, verify, doctor,
        ] + rollbackCommands + spaceCommands + [hook, cache, hub, demo, help]

    static func named(_ name: String) -> Command? {
        all.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// Returns the command with a name or alias.
    /// - Throws: kind `usage` for an unknown command, with the nearest one as hint.
    static func find(_ name: String) throws(DeployError) -> Command {
        if let command = named(name) { return command }
        let near = nearest(name, among: all.flatMap { [$0.name] + $0.aliases })
        throw DeployError(
            .usage, "unknown command \(name)",
            hint: near.map { "did you mean \($0)?" } ?? "see spacesync help")
    }
}
