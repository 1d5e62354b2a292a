import Documentation
import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let devMode = Command(
        .devMode, flags: [.stop] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let words = try invocation.positionals(1...2, like: "dev-mode owner/name on")
        let isOn = try isOn(words, invocation.arguments)
        let office = try await SpaceCommandContext(invocation, [words[0]])
        let space = try office.space()
        return await office.withSpace(space) { (hub, _) async throws(DeployError) in
            let runtime = try await hub.setDevMode(isOn)
            office.results.write(
                space, text: ["\(space) dev mode \(isOn ? "on" : "off")"], quiet: space.description,
                json: runtime.fields + [("dev_mode", .bool(isOn))])
        }
    }

    private static func isOn(_ positionals: [String], _ arguments: Arguments) throws(DeployError) -> Bool {
        switch (positionals.count > 1 ? positionals[1].lowercased() : nil, arguments.has(.stop)) {
        case ("on", false), (nil, false): return true
        case ("off", _), (nil, true): return false
        default:
            throw DeployError(
                .usage, "dev-mode is on or off", hint: "spacesync dev-mode \(positionals[0]) on")
        }
    }
}

extension Flag {
    static let stop = Flag("--stop", "off, as hf spells it")
}
