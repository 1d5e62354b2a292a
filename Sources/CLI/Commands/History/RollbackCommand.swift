import Deploy
import DeploySettings
import Documentation
import Reporting
import SpacesModel

/// The command `rollback`: restores the tree of an earlier commit of a Space.
enum RollbackCommand {
    static let command = Command(
        .rollback,
        flags: [
            to, .dryRun, .message, .noWait, .timeout, .wake, .force, .set, .config, .tokenFile,
        ]
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(1...2, like: "rollback owner/name")
        let rollbackTarget = try rollbackTarget(invocation.arguments, positionals)
        let loaded = try await invocation.loadSettings([positionals[0]])
        let context = try RunContext(invocation, loaded)
        let target = try loaded.onlyTarget()
        let options = try invocation.deployOptions(context)
        invocation.reporter.send(.begin(RunDescription(spaces: [target.space], isPlan: options.isPlan)))
        let report = await context.report(on: target) { (targetContext) async throws(DeployError) in
            await (try await targetContext.rollbackDeployer(options)).rollback(to: rollbackTarget)
        }
        return report.exitCode
    }

    private static let to = Flag(
        "--to", value: "COMMIT", "any commit of the Space, by its full or abbreviated id")

    private static func rollbackTarget(
        _ arguments: Arguments, _ positionals: [String]
    ) throws(DeployError) -> RollbackTarget {
        let usage = "use spacesync rollback owner/name with 2, v12 or --to COMMIT"
        if let commit = arguments.value(to) {
            guard positionals.count == 1 else {
                throw DeployError(.usage, "rollback accepts a number or --to, not both", hint: usage)
            }
            let isID = (4...40).contains(commit.count) && commit.allSatisfy(\.isHexDigit)
            guard isID else {
                throw DeployError(
                    .usage, "--to: \"\(commit)\" is not a valid commit id (4 to 40 hex digits)", hint: usage)
            }
            return .commit(commit)
        }
        guard positionals.count == 2 else { return .previousDeploy }
        if let release = positionals[1].first, "vV".contains(release) {
            guard let number = Release.parse(positionals[1].dropFirst()) else {
                throw DeployError(.usage, "\"\(positionals[1])\" is not a valid deploy number", hint: usage)
            }
            return .release(number)
        }
        guard let number = Int(positionals[1]), (1...10_000).contains(number) else {
            throw DeployError(
                .usage, "\"\(positionals[1])\" is not a valid number of deploys to go back", hint: usage)
        }
        return .deploy(number)
    }
}
