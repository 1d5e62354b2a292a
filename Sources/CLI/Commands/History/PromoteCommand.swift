import Deploy
import DeploySettings
import Documentation
import HubAPI
import Reporting
import SpacesModel

/// The command `promote`: deploys the commit that runs on one Space to another.
enum PromoteCommand {
    static let command = Command(
        .promote,
        flags: [.dryRun, .message, .noWait, .timeout, .wake, .force, .adopt, .yes, .set, .config, .tokenFile]
            + Flag.creating + [.drift]
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(2...2, like: "promote owner/staging owner/web")
        let loaded = try await invocation.loadSettings(positionals)
        guard loaded.named.count == 2 else {
            throw DeployError(
                .usage, "\(positionals[0]) and \(positionals[1]) are the same Space",
                hint: "to restore an earlier deploy, use spacesync rollback")
        }
        let (from, to) = (loaded.named[0], loaded.named[1])
        if let refused = loaded.settings.selected.refused.first(where: { $0.space == to }) {
            throw refused.failure
        }
        let context = try RunContext(invocation, loaded)
        let target = loaded.targets.first { $0.space == to } ?? Target(space: to)
        let options = try invocation.deployOptions(context)
        invocation.reporter.send(.begin(RunDescription(spaces: [to], isPlan: options.isPlan)))
        let report = await context.report(on: target) { (targetContext) async throws(DeployError) in
            let deployer = try await targetContext.promotionDeployer(from: from, options)
            let report = await (options.isPlan ? deployer.plan() : deployer.deploy())
            return withPromoteHints(report, from: from)
        }
        return report.exitCode
    }

    /// Returns the result with hints about `push` changed to `promote`, and without hints about a
    /// source.
    private static func withPromoteHints(_ result: DeployResult, from: SpaceID) -> DeployResult {
        var report = result
        let lines = report.failure?.hint?.split(separator: "\n").filter { line in
            !["--patch", "--sdk", "commit and push again"].contains { line.contains($0) }
        }
        report.failure?.hint = lines.map { lines in
            lines.joined(separator: "\n").replacing(
                "spacesync push \(report.space)", with: "spacesync promote \(from) \(report.space)")
        }
        return report
    }

    /// Returns the commit that a Space runs.
    /// - Throws: kind `refused` if no commit runs, `tryLater` if the stage does not yet show which
    ///   commit will run.
    static func runningCommit(of hub: HubSpace) async throws(DeployError) -> ObjectID {
        let space = hub.space
        let info: SpaceInfo
        do throws(DeployError) { info = try await hub.info() } catch {
            guard error.cause == .spaceMissing else { throw error }
            // Replaces the hint to create the Space: a promotion needs one that exists.
            throw DeployError(
                error.kind, error.message, details: error.details,
                hint: "check the spelling and the access of the token: spacesync list \(space.owner)")
        }
        guard let head = info.sha else {
            throw DeployError(.refused, "\(space) has no commits yet", hint: "spacesync push \(space)")
        }
        guard let runtime = info.runtime else { return head }
        if runtime.stage.isBroken {
            throw DeployError(
                .refused, "\(space) is not running: its stage is \(runtime.stage)",
                hint: "fix the source and push, or run spacesync rollback \(space)")
        }
        if let running = runtime.sha { return running }
        guard [.running, .sleeping, .paused, .stopped].contains(runtime.stage) else {
            throw DeployError(
                .tryLater,
                "the commit that \(space) will run is not known yet: its stage is \(runtime.stage)",
                hint: "run spacesync watch \(space) and promote again when it is running")
        }
        return head
    }
}
