import Deploy
import Documentation
import Reporting
import SpacesModel
import TextTools

/// A command: its help, aliases, flags and implementation. Each is defined in the file of its name.
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

    /// All commands, in the order of the help.
    static let all: [Command] = [
        PushCommand.command, MirrorCommand.command, PlanCommand.command, CheckCommand.command,
        InitCommand.command, ExportCommand.command, DriftCommand.command, WatchCommand.command,
        VerifyCommand.command, DoctorCommand.command,
        HistoryCommand.command, RollbackCommand.command, PromoteCommand.command,
        ListCommand.command, StatusCommand.command, LogsCommand.command, MetricsCommand.command,
        RestartCommand.command, PauseCommand.command, HardwareCommand.command, SleepTimeCommand.command,
        VisibilityCommand.command, DevModeCommand.command, SecretsCommand.command,
        VariablesCommand.command, VolumesCommand.command, CreateCommand.command, DeleteCommand.command,
        DuplicateCommand.command, MoveCommand.command,
        HookCommand.command, CacheCommand.command, HubCommand.command, DemoCommand.command,
        HelpCommand.command,
    ]

    static func named(_ name: String) -> Command? {
        let name = Synonyms.commands[name] ?? name
        return all.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// All names and aliases of commands.
    static var allNames: [String] { all.flatMap { [$0.name] + $0.aliases } }

    /// Returns the command with a name or alias.
    /// - Throws: kind `usage` for an unknown command, with the right one as hint.
    static func find(_ name: String) throws(DeployError) -> Command {
        if let command = named(name) { return command }
        throw DeployError(
            .usage, "unknown command \"\(name)\"", hint: Synonyms.hint(for: name, among: allNames))
    }
}

/// A call of a command.
struct Invocation: Sendable {
    let command: Command
    let arguments: Arguments
    let environment: CommandEnvironment
    let reporter: any Reporter

    /// Returns the positional arguments.
    /// - Parameter line: an example of the command for the hint, without `spacesync`.
    /// - Throws: kind `usage` if their number is not in `count`.
    func positionals(_ count: ClosedRange<Int>, like line: String) throws(DeployError) -> [String] {
        let positionals = arguments.positionals
        if let type = arguments.value(.type), type != "space" {
            throw DeployError(
                .usage, "unsupported repository type \"\(type)\": spacesync supports only Spaces",
                hint: "spacesync \(line)")
        }
        guard count.contains(positionals.count) else {
            throw DeployError(
                .usage, "wrong number of arguments; usage: \(command.name) \(command.help.synopsis)",
                hint: "spacesync \(line)")
        }
        return positionals
    }

    /// Returns the name of the only Space on the command line.
    /// - Throws: kind `usage` unless exactly one is named.
    func oneSpace() throws(DeployError) -> [String] {
        guard arguments.positionals.count == 1 else {
            throw DeployError(
                .usage, "\(command.name) requires exactly one Space",
                hint: "spacesync \(command.name) owner/name")
        }
        return arguments.positionals
    }

    /// Returns the number of a flag, 0 or more; `nil` without the flag.
    /// - Throws: kind `usage` if the value is invalid.
    func count(_ flag: Flag, like line: String) throws(DeployError) -> Int? {
        guard let text = arguments.value(flag) else { return nil }
        guard let count = Int(text), count >= 0 else {
            throw DeployError(
                .usage, "\(flag.names[0]): \"\(text)\" is not a valid number", hint: "spacesync \(line)")
        }
        return count
    }

    /// Returns the options from those flags of a push that `rollback` and `promote` accept.
    func deployOptions(_ context: RunContext) throws(DeployError) -> DeployOptions {
        var options = try context.options(from: arguments)
        options.isPlan = arguments.has(.dryRun)
        return options
    }

    /// Loads the settings, and prints the warnings about them.
    /// - Parameter names: Spaces as written on the command line.
    func loadSettings(_ names: [String]) async throws(DeployError) -> ResolvedSettings {
        let loaded = try await SettingsLoader(environment, arguments).load(names)
        loaded.logWarnings(reporter)
        return loaded
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
