import Deploy
import DeploySettings
import Documentation
import SpacesModel

extension Command {
    static let watch = Command(
        .watch, aliases: ["wait"], flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(DeployError) in
        try await invocation.runOnOneSpace { (targetContext, context) async throws(DeployError) in
            await watchHead(
                of: targetContext.target, try await targetContext.hubSpace(),
                storing: context.outcomes(of: targetContext.target.space), emit: targetContext.log)
        }
    }
}
