import Reporting

/// A run within a job of GitHub Actions, or of what speaks its language.
struct GitHubActions: Sendable {
    /// The same world, with streams that GitHub's runner takes no command from.
    let environment: CommandEnvironment
    private let log: WorkflowLog
    private let title: String
    private let isJSON: Bool

    /// Commands whose lines others read: a server's, and a hook's, which Git puts before its own.
    private static let others = ["hook", "hub"]

    /// nil elsewhere.
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
            isJSON ? $0.withoutWorkflowCommandsInJSON : $0.withoutWorkflowCommands
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
