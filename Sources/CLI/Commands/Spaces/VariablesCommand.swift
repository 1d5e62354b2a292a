import Documentation
import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `variables`: sets, lists and removes the variables of a Space.
struct VariablesCommand: NamedValueHandler {
    static let command = Command(
        .variables, flags: [.variable, .envFile, .yes] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        try await Subcommand.run(VariablesCommand.self, invocation, like: "set owner/name NAME=value")
    }

    static let (kind, otherKind) = (CommandLineValues.Kind.variable, CommandLineValues.Kind.secret)
    static let (flag, fileFlag) = (Flag.variable, Flag.envFile)
    static let (example, setExample) = ("NAME", "NAME=value")

    let context: SpaceCommandContext
    let space: SpaceID
    let positionals: [String]

    func list() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let variables = try await hub.variables().sorted { $0.key < $1.key }
            for (name, value) in variables {
                let shown = value.replacing("\n", with: "\\n").visible
                context.results.write(
                    space, text: ["\(name.visible)=\(shown)"], quiet: name,
                    json: ["name": .string(name), "value": .string(value)])
            }
            if variables.isEmpty { context.log("\(space) has no variables", about: space) }
        }
    }

    func check(_ values: [GivenValue]) { values.forEach { context.warnOfSecret($0.name, of: space) } }

    func changes(_ values: [GivenValue], _ hub: HubSpace) async throws(DeployError) -> [GivenValue] {
        let present = try await hub.variables()
        return values.filter { present[$0.name] != $0.value.reveal() }
    }

    func confirm(_ values: [GivenValue]) async throws(DeployError) {
        try await context.confirm(toShow: values, of: space)
    }

    func setValue(_ value: GivenValue, _ hub: HubSpace) async throws(DeployError) {
        try await hub.setVariable(value.name, value.value.reveal())
    }

    func unsetValue(_ name: String, _ hub: HubSpace) async throws(DeployError) {
        try await hub.unsetVariable(name)
    }

    func names(_ hub: HubSpace) async throws(DeployError) -> [String] {
        Array(try await hub.variables().keys)
    }

    func otherNames(_ hub: HubSpace) async throws(DeployError) -> [String] {
        try await hub.secrets().map(\.name)
    }
}
