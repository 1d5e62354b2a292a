import Deploy
import DeploySettings
import Documentation
import SpacesModel

/// The command `watch`: follows the build and start of a Space's head.
enum WatchCommand {
    static let command = Command(
        .watch, aliases: ["wait"], flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(DeployError) in
        try await invocation.runOnOneSpace { (targetContext, context) async throws(DeployError) in
            await watchHead(
                of: targetContext.target, try await targetContext.hubSpace(),
                storing: context.outcomes(of: targetContext.target.space), emit: targetContext.log)
        }
    }
}
