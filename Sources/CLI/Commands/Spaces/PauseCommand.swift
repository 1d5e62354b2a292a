import Documentation
import HubAPI
import SpacesModel

/// The command `pause`: stops a Space until it is restarted.
enum PauseCommand {
    static let command = Command(
        .pause, flags: Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(1...1, like: "pause owner/name"))
        let space = try context.space()
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            context.results.write(space, try await hub.pause())
            context.log("to start it again: spacesync restart \(space)", about: space)
        }
    }
}
