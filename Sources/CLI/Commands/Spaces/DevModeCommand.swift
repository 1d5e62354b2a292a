import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `dev-mode`: switches development in the running container on or off.
enum DevModeCommand {
    static let command = Command(
        .devMode, flags: [stop] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(1...2, like: "dev-mode owner/name on")
        let isOn = try isOn(positionals, invocation.arguments)
        let context = try await SpaceCommandContext(invocation, [positionals[0]])
        let space = try context.space()
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let runtime = try await hub.setDevMode(isOn)
            context.results.write(
                space, text: ["\(space) dev mode \(isOn ? "on" : "off")"], quiet: space.description,
                json: runtime.fields + ["dev_mode": .bool(isOn)])
        }
    }

    private static func isOn(_ positionals: [String], _ arguments: Arguments) throws(DeployError) -> Bool {
        switch (positionals.count > 1 ? positionals[1].lowercased() : nil, arguments.has(stop)) {
        case ("on", false), (nil, false): return true
        case ("off", _), (nil, true): return false
        default:
            throw DeployError(
                .usage, "dev-mode must be on or off", hint: "spacesync dev-mode \(positionals[0]) on")
        }
    }

    private static let stop = Flag("--stop", "turn dev mode off, as in hf")
}
