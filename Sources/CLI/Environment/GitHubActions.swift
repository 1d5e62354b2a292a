import Reporting

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
