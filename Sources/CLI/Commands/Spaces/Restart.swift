import Documentation
import HubAPI
import SpacesModel

extension Command {
    static let restart = Command(
        .restart, flags: [.factory] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(1...1, like: "restart owner/name"))
        let space = try context.space()
        let isFactory = invocation.arguments.has(.factory)
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            context.results.write(space, try await hub.restart(factory: isFactory))
            context.log("next: spacesync watch \(space)", about: space)
        }
    }

    static let pause = Command(
        .pause, flags: Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(1...1, like: "pause owner/name"))
        let space = try context.space()
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            context.results.write(space, try await hub.pause())
            context.log("spacesync restart \(space) brings it back", about: space)
        }
    }
}

extension Flag {
    static let factory = Flag("--factory --factory-reboot", "builds it again without cache")
}
