import Documentation
import SpacesModel

extension Command {
    static let push = Command(
        .push, flags: Flag.target + Flag.push + [.plan]
    ) { (invocation) async throws(DeployError) in
        let mode: DeployCommand.Mode = invocation.arguments.has(.dryRun) ? .plan : .push
        return try await DeployCommand(invocation, mode).run()
    }

    static let plan = Command(
        .plan, flags: Flag.target + Flag.creating + [.prune, .force, .adopt, .diff, .exitCode, .out],
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
