import Documentation
import HubAPI
import SpacesModel
import TextTools

extension Command {
    static let create = Command(
        .create,
        flags: [Flag("--sdk --space-sdk", value: "SDK", "docker (the default), gradio or static")]
            + SpaceCreationOptions.flags + Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(1...1, like: "create owner/name")
        let sdk = try sdk(invocation.arguments, positionals[0])
        let creationOptions = try await SpaceCreationOptions(
            invocation.arguments, in: invocation.environment, like: "spacesync create \(positionals[0])")
        let context = try await SpaceCommandContext(invocation, positionals)
        let space = try context.space()
        context.checkFiles(of: creationOptions.secrets)
        creationOptions.variables.forEach { context.warnOfSecret($0.name, of: space) }
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            try await creationOptions.confirmCosts(context, space, hub.hub, line: "create \(space)")
            let creation = try await hub.hub.create(
                space, sdk: sdk, visibility: creationOptions.visibility.rawValue,
                hardware: creationOptions.hardware,
                sleepTime: creationOptions.sleep, secrets: creationOptions.newSecrets,
                variables: creationOptions.newVariables)
            try context.printCreation(creation, space)
            context.log("next: spacesync push \(space)", about: space)
        }
    }

    private static func sdk(_ arguments: Arguments, _ space: String) throws(DeployError) -> String {
        let sdk = arguments.value(named: "--sdk") ?? "docker"
        let known = ["docker", "gradio", "static"]
        guard known.contains(sdk) else {
            throw DeployError(
                .usage, "\(sdk) is no sdk of a Space: write docker, gradio or static",
                hint: "spacesync create \(space) --sdk \(nearest(sdk, among: known) ?? "docker")")
        }
        return sdk
    }
}

extension Flag {
    /// The repository type, a flag of `hf`; only `space` is accepted.
    static let type = Flag("--type --repo-type", value: "space", "what hf would make")
}
