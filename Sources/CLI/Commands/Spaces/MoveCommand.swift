import DeploySettings
import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `move`: gives a Space another name or owner.
enum MoveCommand {
    static let command = Command(
        .move, flags: Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(2...2, like: "move owner/name owner/other"))
        let (from, to) = try context.twoSpaces()
        return await context.withSpace(from) { (hub, _) async throws(DeployError) in
            try await hub.move(to: to)
            let page = "\(context.runContext.endpoint)/spaces/\(to)"
            context.results.write(
                from, text: [page], quiet: page,
                json: ["to": .string(to.description), "url": .string(page)])
            let isConfigured = context.loaded.layers.flatMap(\.entries).contains {
                $0.section == "space" && $0.subsection.flatMap { SpaceID($0) } == from
            }
            if isConfigured {
                context.warn("the settings still contain \(from); change its section to [space \"\(to)\"]")
            }
        }
    }
}
