import Documentation
import SpacesModel

/// The command `verify`: runs the probes of a running app.
enum VerifyCommand {
    static let command = Command(
        .verify, flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(DeployError) in
        try await invocation.runOnOneSpace { (targetContext, _) async throws(DeployError) in
            try await targetContext.verify()
        }
    }
}
