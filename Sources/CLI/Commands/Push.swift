import SpacesModel

extension Command {
    static let push = Command(
        name: "push", synopsis: "[SPACE…]",
        summary: "deploys a source branch to Spaces and follows their builds",
        details: """
            Without names: every Space of the settings that is not manual. Without settings:
            spacesync push owner/name --branch webai2hf:main
            """,
        flags: Flag.target + Flag.push + [.plan]
    ) { (invocation) async throws(DeployError) in
        let mode: DeployCommand.Mode = invocation.arguments.has(.dryRun) ? .plan : .push
        return try await DeployCommand(invocation, mode).run()
    }

    static let plan = Command(
        name: "plan", synopsis: "[SPACE…]", summary: "what a push would change, file by file; sends nothing",
        details: """
            A public Space needs no token. -v shows every setting with where it was written. Exits as the
            push would where it would be refused: 6 by the Hub, 9 by a guard (--force passes guards here, too).
            """,
        flags: Flag.target + Flag.creating + [.prune, .force, .adopt, .diff, .exitCode, .out],
        ignoredFlags: Flag.push.filter {
            !Flag.creating.contains($0) && ![.force, .adopt, .prune].contains($0)
        }
    ) { (invocation) async throws(DeployError) in
        try await DeployCommand(invocation, .plan).run()
    }
}

extension Flag {
    static let diff = Flag("--diff", "the texts of README.md and Dockerfile, line by line")
    static let out = Flag("--out", value: "FILE", "keeps the plan for push --plan FILE")
    static let plan = Flag(
        "--plan", value: "FILE", "pushes what plan --out FILE showed, or nothing when something moved since")
    static let exitCode = Flag("--exit-code", "exit 10 when changes are pending")
}
