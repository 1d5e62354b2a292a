import Deploy
import DeploySettings
import SpacesModel

extension Command {
    static let watch = Command(
        name: "watch", aliases: ["wait"], synopsis: "SPACE",
        summary: "follows the current build of a Space to its end",
        flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(Failure) in
        try await invocation.story { (bench, workshop) async throws(Failure) in
            await watchHead(
                of: bench.target, try await bench.hubSpace(),
                storing: workshop.outcomes(of: bench.target.space), say: bench.say)
        }
    }
}
