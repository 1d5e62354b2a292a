import Deploy
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

extension Command {
    /// The commands for the deploy history: listing it, rolling back, and promoting to another Space.
    static let rollbackCommands: [Command] = [history, rollback, promote]
}

extension Command {
    /// The commands that manage Spaces on the Hub.
    static let spaceCommands: [Command] = [
        list, status, logs, metrics,
        restart, pause, hardware, sleepTime, visibility, devMode, secrets, variables, volumes,
        create, delete, duplicate, move,
    ]
}

extension Flag {
    /// The flags that all of these commands accept.
    static let spaceCommand = [config, tokenFile]
}

extension Invocation {
    /// Returns the name of the only Space on the command line.
    /// - Throws: kind `usage` unless exactly one is named.
    func oneSpace() throws(DeployError) -> [String] {
        guard arguments.positionals.count == 1 else {
            throw DeployError(
                .usage, "\(command.name) takes one Space", hint: "spacesync \(command.name) owner/name")
        }
        return arguments.positionals
    }

    /// Runs an operation on the only Space on the command line, and reports its result.
    /// - Returns: the exit code.
    func runOnOneSpace(
        _ operation: (TargetContext, RunContext) async throws(DeployError) -> DeployResult
    ) async throws(DeployError) -> Int {
        let loaded = try await SettingsLoader(environment, arguments).load(try oneSpace())
        let context = try RunContext(self, loaded)
        let report = await context.report(on: try loaded.onlyTarget()) {
            (targetContext) async throws(DeployError) in
            try await operation(targetContext, context)
        }
        return report.exitCode
    }
}
