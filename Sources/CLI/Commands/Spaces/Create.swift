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
        let words = try invocation.positionals(1...1, like: "create owner/name")
        let sdk = try sdk(invocation.arguments, words[0])
        let furnishing = try await SpaceCreationOptions(
            invocation.arguments, in: invocation.environment, like: "spacesync create \(words[0])")
        let office = try await SpaceCommandContext(invocation, words)
        let space = try office.space()
        office.checkFiles(of: furnishing.secrets)
        furnishing.variables.forEach { office.warnOfSecret($0.name, of: space) }
        return await office.withSpace(space) { (hub, _) async throws(DeployError) in
            try await furnishing.confirmCosts(office, space, hub.hub, line: "create \(space)")
            let creation = try await hub.hub.create(
                space, sdk: sdk, visibility: furnishing.visibility.rawValue, hardware: furnishing.hardware,
                sleepTime: furnishing.sleep, secrets: furnishing.newSecrets,
                variables: furnishing.newVariables)
            try office.printCreation(creation, space)
            office.log("next: spacesync push \(space)", about: space)
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
    /// As `hf` spells it, for whom a Space is one kind of several.
    static let type = Flag("--type --repo-type", value: "space", "what hf would make")
}
