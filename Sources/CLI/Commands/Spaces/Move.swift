import DeploySettings
import Documentation
import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let move = Command(
        .move, flags: Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let office = try await SpaceCommandContext(
            invocation, invocation.positionals(2...2, like: "move owner/name owner/other"))
        let (from, to) = try office.pair("move")
        return await office.withSpace(from) { (hub, _) async throws(DeployError) in
            try await hub.move(to: to)
            let page = "\(office.runContext.endpoint)/spaces/\(to)"
            office.results.write(
                from, text: [page], quiet: page,
                json: [("to", .string(to.description)), ("url", .string(page))])
            let named = office.loaded.layers.flatMap(\.entries).contains {
                $0.section == "space" && $0.subsection.flatMap { SpaceID($0) } == from
            }
            if named { office.warn("the settings name \(from) still: write [space \"\(to)\"]") }
        }
    }

    static let duplicate = Command(
        .duplicate, flags: SpaceCreationOptions.flags + Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let words = try invocation.positionals(2...2, like: "duplicate owner/name owner/copy")
        let furnishing = try await SpaceCreationOptions(
            invocation.arguments, in: invocation.environment,
            like: "spacesync duplicate \(words[0]) \(words[1])")
        let office = try await SpaceCommandContext(invocation, words)
        let (from, to) = try office.pair("duplicate")
        office.checkFiles(of: furnishing.secrets)
        return await office.withSpace(to) { (hub, _) async throws(DeployError) in
            try await furnishing.confirmCosts(
                office, to, hub.hub, line: "duplicate \(from) \(to)\(furnishing.commandLineFlags)")
            let original = HubSpace(hub.hub, from)
            if furnishing.visibility != .private {
                let present = try await original.visibility()
                if furnishing.visibility.showsMore(than: Visibility(rawValue: present)) {
                    try await office.checkExposure(of: from, as: to, to: furnishing.visibility)
                }
            }
            if furnishing.visibility != .private, try await original.info().isPrivate {
                try await Confirmation(office, to).require(
                    "Copy the private \(from) to a Space that is \(furnishing.visibility.rawValue)",
                    ["everybody will see what \(from) hides"],
                    line: "duplicate \(from) \(to)\(furnishing.commandLineFlags)")
            }
            if !furnishing.secrets.isEmpty {
                try office.checkFree(
                    furnishing.secrets.map(\.name), of: from,
                    amid: Array(try await original.variables().keys),
                    "variable"
                ) { "the copy gets it: leave --secret \($0) out, or take another name" }
            }
            let creation = try await original.duplicate(
                to: to, visibility: furnishing.visibility.rawValue, hardware: furnishing.hardware,
                sleepTime: furnishing.sleep, secrets: furnishing.newSecrets,
                variables: furnishing.newVariables)
            try office.printCreation(creation, to)
            guard case .created = creation else { return }
            await office.warnOfUncopiedSecrets(of: original, lackedBy: to, furnishing)
        }
    }
}

extension SpaceCommandContext {
    /// - Throws: kind `usage` where both are the same.
    fileprivate func pair(_ verb: String) throws(DeployError) -> (from: SpaceID, to: SpaceID) {
        guard loaded.named.count == 2 else {
            throw DeployError(
                .usage, "both are the same Space", hint: "spacesync \(verb) owner/name owner/other")
        }
        return (loaded.named[0], loaded.named[1])
    }

    /// Of somebody else's Space nobody is told its secrets.
    fileprivate func warnOfUncopiedSecrets(
        of original: HubSpace, lackedBy copy: SpaceID, _ creationOptions: SpaceCreationOptions
    )
        async
    {
        guard let secrets = try? await original.secrets() else {
            return log("secrets are not copied: spacesync secrets set \(copy) NAME", about: copy)
        }
        let lacking = secrets.map(\.name).filter { name in
            !creationOptions.secrets.contains { $0.name == name }
        }
        guard !lacking.isEmpty else { return }
        warn(
            "secrets are not copied; \(copy) lacks \(lacking.joined(separator: ", ").visible): "
                + "spacesync secrets set \(copy) \(lacking[0].visible)")
    }
}
