import Documentation
import HubAPI
import SpacesModel

/// The command `restart`: restarts a Space, or builds it again without cache.
enum RestartCommand {
    static let command = Command(
        .restart, flags: [factory] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(1...1, like: "restart owner/name"))
        let space = try context.space()
        let isFactory = invocation.arguments.has(factory)
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            context.results.write(space, try await hub.restart(factory: isFactory))
            context.log("next: spacesync watch \(space)", about: space)
        }
    }

    private static let factory = Flag("--factory --factory-reboot", "rebuild without cache")
}
