import Essentials
import HTTP
import Reporting
import SpacesModel

/// The program: parses a command line, runs the command and returns the exit code.
package enum CommandLineTool {
    /// The only place of the version. It ends in `-dev` between releases; `.ci/release` compares it
    /// with the tag.
    package static let version = "0.1.0-dev"

    /// Runs one command line (without the program's name) and returns its exit code.
    package static func run(_ line: [String], in environment: CommandEnvironment) async -> Int {
        let actions = GitHubActions(line, environment)
        let environment = actions?.environment ?? environment
        let reporter = Self.makeReporter(for: line, environment, actions)
        do {
            let code = try await dispatch(line, environment, reporter)
            reporter.send(.end)
            if code == 0, let error = environment.out.unwritten, line.first != HookCommand.command.name {
                // Not through the reporter: with --json it writes to the same full disk.
                let failure = Self.outputError(error)
                environment.err.write("error: \(failure.message)\nhint: \(failure.hint ?? "")\n")
                return DeployError.Kind.tryLater.exitCode
            }
            return code
        } catch {
            reporter.send(.error(error))
            reporter.send(.end)
            return error.kind.exitCode
        }
    }

    private static func dispatch(
        _ line: [String], _ environment: CommandEnvironment, _ reporter: any Reporter
    ) async throws(DeployError)
        -> Int
    {
        if line.first == "--version" || line.first == "version" {
            let build = environment.build.map { " (\($0))" } ?? ""
            environment.out.write("spacesync \(version)\(build)\n")
            return 0
        }
        guard let first = line.first(where: { !$0.hasPrefix("-") }) ?? line.first(where: isHelp) else {
            return try await runWithoutCommand(line, environment, reporter)
        }
        let command = isHelp(first) ? HelpCommand.command : try Command.find(first)
        var remaining = line
        if let index = line.firstIndex(of: first) { remaining.remove(at: index) }
        if remaining.contains(where: isHelp), command.name != "help" {
            environment.out.write(HelpText.of(command))
            return 0
        }
        let arguments = try Arguments(remaining.filter { !isHelp($0) }, flags: command.allFlags)
        try arguments.rejectTokens(of: command.name)
        let invocation = Invocation(
            command: command, arguments: arguments, environment: environment, reporter: reporter)
        return try await SignalHandling.guarding(
            hangsUp: !arguments.has(MirrorCommand.every) && PassLink(environment).role == nil
        ) { () async throws(DeployError) in
            try await command.run(invocation)
        }
    }

    private static func outputError(_ error: FileError) -> DeployError {
        DeployError(
            .tryLater, "standard output cannot be written: \(error.message)",
            hint: "the command itself succeeded; free space there, and run it again for its result")
    }

    private static func isHelp(_ argument: String) -> Bool { argument == "--help" || argument == "-h" }

    private static func runWithoutCommand(
        _ line: [String], _ environment: CommandEnvironment, _ reporter: any Reporter
    ) async throws(DeployError) -> Int {
        if let flag = line.first {
            throw DeployError(.usage, "no command before \(flag)", hint: "see spacesync help")
        }
        environment.err.write(HelpText.overview)
        return DeployError.Kind.usage.exitCode
    }

    /// Returns a JSON or text reporter. It is chosen before the command line is parsed, so that
    /// parse errors have the right format, too.
    static func makeReporter(
        for line: [String], _ environment: CommandEnvironment, _ actions: GitHubActions? = nil
    ) -> any Reporter {
        let isQuiet = line.contains("--quiet") || line.contains("-q")
        if line.contains("--json") {
            let reporter = JSONReporter(out: environment.out, err: environment.err)
            return InterleavingReporter(
                actions?.reporter(reporter, isQuiet: isQuiet) ?? reporter, buffersEvents: false)
        }
        let isVerbose = line.contains("--verbose") || line.contains("-v")
        let wantsColor =
            environment["NO_COLOR"] == nil && !line.contains("--no-color") && environment["TERM"] != "dumb"
        let isScreen = environment.err.isTerminal && environment["TERM"] != "dumb"
        if isScreen, !isQuiet, actions == nil {
            return TerminalReporter(
                out: environment.out, err: environment.err, color: wantsColor, isVerbose: isVerbose)
        }
        let reporter = TextReporter(
            out: environment.out, err: environment.err, color: wantsColor,
            verbosity: isQuiet ? .quiet : isVerbose ? .verbose : .normal)
        return InterleavingReporter(actions?.reporter(reporter, isQuiet: isQuiet) ?? reporter)
    }
}

/// A run in a job of GitHub Actions or a compatible CI.
struct GitHubActions: Sendable {
    /// The given environment, with streams whose output the runner cannot take for workflow
    /// commands.
    let environment: CommandEnvironment
    private let log: WorkflowLog
    private let title: String
    private let isJSON: Bool

    /// Commands whose output is read by others: the server's, and the hook's, to which Git adds a
    /// prefix.
    private static let others = ["hook", "hub"]

    /// Returns `nil` outside GitHub Actions.
    init?(_ line: [String], _ environment: CommandEnvironment) {
        let command = line.first { !$0.hasPrefix("-") } ?? ""
        guard environment["GITHUB_ACTIONS"] == "true", !Self.others.contains(command) else { return nil }
        title = ["spacesync", Command.named(command)?.name].compactMap { $0 }.joined(separator: " ")
        isJSON = line.contains("--json")
        let log = WorkflowLog(environment.err)
        self.log = log
        var guarded = environment
        let isJSON = isJSON
        guarded.out = environment.out.guarded(by: log) {
            isJSON ? WorkflowCommand.neutralized(json: $0) : WorkflowCommand.neutralized($0)
        }
        guarded.err = environment.err.guarded(by: log)
        self.environment = guarded
    }

    func reporter(_ reporter: any Reporter, isQuiet: Bool) -> GitHubActionsReporter {
        let files = WorkflowFiles(
            summary: environment["GITHUB_STEP_SUMMARY"].map { environment.absolute($0) },
            output: environment["GITHUB_OUTPUT"].map { environment.absolute($0) })
        return GitHubActionsReporter(reporter, log, files, title: title, groupsTargets: !isJSON && !isQuiet)
    }
}

extension Terminal {
    fileprivate func guarded(
        by log: WorkflowLog, _ transform: @escaping @Sendable (String) -> String = { $0 }
    ) -> Terminal {
        Terminal(descriptor: descriptor, beforeWrite: { log.close() }, transform: transform)
    }
}
