import Deploy
import DeploySettings
import Documentation
import Reporting
import SpacesModel

/// The command `watch`: follows the build and start of a Space's head.
enum WatchCommand {
    static let command = Command(
        .watch, aliases: ["wait"], flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(DeployError) in
        try await Viewer.run(invocation.environment, onLeave: { logLeft(invocation) }) {
            () async throws(DeployError) in
            try await watch(invocation)
        }
    }

    private static func logLeft(_ invocation: Invocation) {
        let space = invocation.arguments.positionals.first ?? ""
        invocation.reporter.send(
            .info("the build continues at the Hub; run spacesync watch \(space) to follow it again".visible))
    }

    private static func watch(_ invocation: Invocation) async throws(DeployError) -> Int {
        try await invocation.runOnOneSpace { (targetContext, context) async throws(DeployError) in
            await watchHead(
                of: targetContext.target, try await targetContext.hubSpace(),
                storing: context.outcomes(of: targetContext.target.space), emit: targetContext.log)
        }
    }
}
