import Documentation
import SpacesModel

extension Command {
    static let verify = Command(
        .verify, flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(DeployError) in
        try await invocation.runOnOneSpace { (targetContext, _) async throws(DeployError) in
            try await targetContext.verify()
        }
    }
}
