import HubAPI
import SpacesModel

extension Command {
    static let restart = Command(
        name: "restart", synopsis: "SPACE", summary: "restarts a Space, from any stage",
        flags: [.factory] + Flag.verb
    ) { (invocation) async throws(Failure) in
        let office = try await Office(invocation, invocation.words(1...1, like: "restart owner/name"))
        let space = try office.space()
        let isFactory = invocation.arguments.has(.factory)
        return await office.serve(space) { (hub, _) async throws(Failure) in
            office.results.give(space, try await hub.restart(factory: isFactory))
            office.tell("next: spacesync watch \(space)", about: space)
        }
    }

    static let pause = Command(
        name: "pause", synopsis: "SPACE",
        summary: "stops a Space until it is restarted; paused costs nothing",
        flags: Flag.verb
    ) { (invocation) async throws(Failure) in
        let office = try await Office(invocation, invocation.words(1...1, like: "pause owner/name"))
        let space = try office.space()
        return await office.serve(space) { (hub, _) async throws(Failure) in
            office.results.give(space, try await hub.pause())
            office.tell("spacesync restart \(space) brings it back", about: space)
        }
    }
}

extension Flag {
    static let factory = Flag("--factory --factory-reboot", "builds it again without cache")
}
