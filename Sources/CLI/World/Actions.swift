import Reporting

/// A run within a job of GitHub Actions, or of what speaks its language.
struct Actions: Sendable {
    /// The same world, with streams that GitHub's runner takes no command from.
    let world: World
    private let log: WorkflowLog
    private let title: String
    private let isJSON: Bool

    /// Commands whose lines others read: a server's, and a hook's, which Git puts before its own.
    private static let others = ["hook", "hub"]

    /// nil elsewhere.
    init?(_ line: [String], _ world: World) {
        let command = line.first { !$0.hasPrefix("-") } ?? ""
        guard world["GITHUB_ACTIONS"] == "true", !Self.others.contains(command) else { return nil }
        title = ["spacesync", Command.named(command)?.name].compactMap { $0 }.joined(separator: " ")
        isJSON = line.contains("--json")
        let log = WorkflowLog(world.err)
        self.log = log
        var guarded = world
        let isJSON = isJSON
        guarded.out = world.out.guarded(by: log) {
            isJSON ? $0.withoutWorkflowCommandsInJSON : $0.withoutWorkflowCommands
        }
        guarded.err = world.err.guarded(by: log)
        self.world = guarded
    }

    func voice(_ voice: any Voice, isQuiet: Bool) -> ActionsVoice {
        let files = WorkflowFiles(
            summary: world["GITHUB_STEP_SUMMARY"].map { world.absolute($0) },
            output: world["GITHUB_OUTPUT"].map { world.absolute($0) })
        return ActionsVoice(voice, log, files, title: title, foldsStories: !isJSON && !isQuiet)
    }
}

extension Terminal {
    fileprivate func guarded(
        by log: WorkflowLog, _ shape: @escaping @Sendable (String) -> String = { $0 }
    ) -> Terminal {
        Terminal(descriptor: descriptor, before: { log.close() }, shape: shape)
    }
}
