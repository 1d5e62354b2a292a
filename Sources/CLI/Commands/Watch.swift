import Deploy
import DeploySettings
import Documentation
import SpacesModel

extension Command {
    static let watch = Command(
        .watch, aliases: ["wait"], flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(DeployError) in
        try await invocation.runOnOneSpace { (bench, workshop) async throws(DeployError) in
            await watchHead(
                of: bench.target, try await bench.hubSpace(),
                storing: workshop.outcomes(of: bench.target.space), emit: bench.log)
        }
    }
}
