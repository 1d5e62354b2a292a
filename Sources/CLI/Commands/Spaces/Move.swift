import DeploySettings
import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

extension Command {
    static let move = Command(
        .move, flags: Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(2...2, like: "move owner/name owner/other"))
        let (from, to) = try context.pair("move")
        return await context.withSpace(from) { (hub, _) async throws(DeployError) in
            try await hub.move(to: to)
            let page = "\(context.runContext.endpoint)/spaces/\(to)"
            context.results.write(
                from, text: [page], quiet: page,
                json: ["to": .string(to.description), "url": .string(page)])
            let isConfigured = context.loaded.layers.flatMap(\.entries).contains {
                $0.section == "space" && $0.subsection.flatMap { SpaceID($0) } == from
            }
            if isConfigured { context.warn("the settings name \(from) still: write [space \"\(to)\"]") }
        }
    }

    static let duplicate = Command(
        .duplicate, flags: SpaceCreationOptions.flags + Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(2...2, like: "duplicate owner/name owner/copy")
        let creationOptions = try await SpaceCreationOptions(
            invocation.arguments, in: invocation.environment,
            like: "spacesync duplicate \(positionals[0]) \(positionals[1])")
        let context = try await SpaceCommandContext(invocation, positionals)
        let (from, to) = try context.pair("duplicate")
        context.checkFiles(of: creationOptions.secrets)
        return await context.withSpace(to) { (hub, _) async throws(DeployError) in
            try await creationOptions.confirmCosts(
                context, to, hub.hub, line: "duplicate \(from) \(to)\(creationOptions.commandLineFlags)")
            let original = HubSpace(hub.hub, from)
            if creationOptions.visibility != .private {
                let currentVisibility = try await original.visibility()
                if creationOptions.visibility.showsMore(than: Visibility(rawValue: currentVisibility)) {
                    try await context.checkExposure(of: from, as: to, to: creationOptions.visibility)
                }
            }
            if creationOptions.visibility != .private, try await original.info().isPrivate {
                try await Confirmation(context, to).require(
                    "Copy the private \(from) to a Space that is \(creationOptions.visibility.rawValue)",
                    ["everybody will see what \(from) hides"],
                    line: "duplicate \(from) \(to)\(creationOptions.commandLineFlags)")
            }
            if !creationOptions.secrets.isEmpty {
                try context.checkFree(
                    creationOptions.secrets.map(\.name), of: from,
                    amid: Array(try await original.variables().keys),
                    "variable"
                ) { "the copy gets it: leave --secret \($0) out, or take another name" }
            }
            let creation = try await original.duplicate(
                to: to, visibility: creationOptions.visibility.rawValue, hardware: creationOptions.hardware,
                sleepTime: creationOptions.sleep, secrets: creationOptions.newSecrets,
                variables: creationOptions.newVariables)
            try context.printCreation(creation, to)
            guard case .created = creation else { return }
            await context.warnOfUncopiedSecrets(of: original, lackedBy: to, creationOptions)
        }
    }
}

extension SpaceCommandContext {
    /// Returns the two Spaces that are named.
    /// - Throws: kind `usage` if both are the same.
    fileprivate func pair(_ verb: String) throws(DeployError) -> (from: SpaceID, to: SpaceID) {
        guard loaded.named.count == 2 else {
            throw DeployError(
                .usage, "both are the same Space", hint: "spacesync \(verb) owner/name owner/other")
        }
        return (loaded.named[0], loaded.named[1])
    }

    /// Warns about secrets that the copy lacks. The Hub does not list the secrets of another
    /// owner's Space.
    fileprivate func warnOfUncopiedSecrets(
        of original: HubSpace, lackedBy copy: SpaceID, _ creationOptions: SpaceCreationOptions
    )
        async
    {
        guard let secrets = try? await original.secrets() else {
            return log("secrets are not copied: spacesync secrets set \(copy) NAME", about: copy)
        }
        let missing = secrets.map(\.name).filter { name in
            !creationOptions.secrets.contains { $0.name == name }
        }
        guard !missing.isEmpty else { return }
        warn(
            "secrets are not copied; \(copy) lacks \(missing.joined(separator: ", ").visible): "
                + "spacesync secrets set \(copy) \(missing[0].visible)")
    }
}
