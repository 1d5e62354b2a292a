import DeploySettings
import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let move = Command(
        name: "move", synopsis: "FROM TO",
        summary: "gives a Space another name or owner, and its app another address",
        flags: Flag.verb, idle: [.type]
    ) { (invocation) async throws(Failure) in
        let office = try await Office(
            invocation, invocation.words(2...2, like: "move owner/name owner/other"))
        let (from, to) = try office.pair("move")
        return await office.serve(from) { (hub, _) async throws(Failure) in
            try await hub.move(to: to)
            let page = "\(office.workshop.endpoint)/spaces/\(to)"
            office.results.give(
                from, text: [page], quiet: page,
                json: [("to", .string(to.description)), ("url", .string(page))])
            let named = office.loaded.layers.flatMap(\.entries).contains {
                $0.section == "space" && $0.subsection.flatMap { SpaceID($0) } == from
            }
            if named { office.warn("the settings name \(from) still: write [space \"\(to)\"]") }
        }
    }

    static let duplicate = Command(
        name: "duplicate", synopsis: "FROM TO",
        summary: "copies a Space with its files and variables, not its secrets",
        flags: Furnishing.flags + Flag.verb, idle: [.type]
    ) { (invocation) async throws(Failure) in
        let words = try invocation.words(2...2, like: "duplicate owner/name owner/copy")
        let furnishing = try await Furnishing(
            invocation.arguments, in: invocation.world, like: "spacesync duplicate \(words[0]) \(words[1])")
        let office = try await Office(invocation, words)
        let (from, to) = try office.pair("duplicate")
        office.checkFiles(of: furnishing.secrets)
        return await office.serve(to) { (hub, _) async throws(Failure) in
            try await furnishing.agree(
                office, to, hub.hub, line: "duplicate \(from) \(to)\(furnishing.words)")
            let original = HubSpace(hub.hub, from)
            if furnishing.visibility != .private {
                let present = try await original.visibility()
                if furnishing.visibility.showsMore(than: Visibility(rawValue: present)) {
                    try await office.checkExposure(of: from, as: to, to: furnishing.visibility)
                }
            }
            if furnishing.visibility != .private, try await original.info().isPrivate {
                try await Consent(office, to).need(
                    "Copy the private \(from) to a Space that is \(furnishing.visibility.rawValue)",
                    ["everybody will see what \(from) hides"],
                    line: "duplicate \(from) \(to)\(furnishing.words)")
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
            try office.give(creation, to)
            guard case .created = creation else { return }
            await office.tellSecrets(of: original, lackedBy: to, furnishing)
        }
    }
}

extension Office {
    /// - Throws: kind `usage` where both are the same.
    fileprivate func pair(_ verb: String) throws(Failure) -> (from: SpaceID, to: SpaceID) {
        guard loaded.named.count == 2 else {
            throw Failure(.usage, "both are the same Space", hint: "spacesync \(verb) owner/name owner/other")
        }
        return (loaded.named[0], loaded.named[1])
    }

    /// Of somebody else's Space nobody is told its secrets.
    fileprivate func tellSecrets(of original: HubSpace, lackedBy copy: SpaceID, _ furnishing: Furnishing)
        async
    {
        guard let secrets = try? await original.secrets() else {
            return tell("secrets are not copied: spacesync secrets set \(copy) NAME", about: copy)
        }
        let lacking = secrets.map(\.name).filter { name in !furnishing.secrets.contains { $0.name == name } }
        guard !lacking.isEmpty else { return }
        warn(
            "secrets are not copied; \(copy) lacks \(lacking.joined(separator: ", ").visible): "
                + "spacesync secrets set \(copy) \(lacking[0].visible)")
    }
}
