import Documentation
import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

extension Command {
    static let variables = Command(
        .variables, flags: [.variable, .envFile, .yes] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        try await ListCommand.run(VariablesCommandHandler.self, invocation, like: "set owner/name NAME=value")
    }
}

private struct VariablesCommandHandler: ListCommandHandler {
    let context: SpaceCommandContext
    let space: SpaceID
    let positionals: [String]

    func set() async throws(DeployError) -> Int {
        let arguments = context.arguments
        let values = try await CommandLineValues.read(
            .variable, assignments: positionals + arguments.values(.variable),
            files: arguments.values(.envFile),
            in: context.invocation.environment)
        guard !values.isEmpty else {
            throw DeployError(
                .usage, "no variable is named", hint: "spacesync variables set \(space) NAME=value")
        }
        values.forEach { context.warnOfSecret($0.name, of: space) }
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let present = try await hub.variables()
            let changed = values.filter { present[$0.name] != $0.value.reveal() }
            try context.checkFree(
                changed.map(\.name), of: space, amid: try await hub.secrets().map(\.name), "secret")
            try await context.confirm(toShow: changed, of: space)
            for given in changed {
                try await hub.setVariable(given.name, given.value.reveal())
                context.printChange(given.name, "set", of: space)
            }
            guard !changed.isEmpty else { return context.log("all of it was there already", about: space) }
            await context.logRestart(of: hub, with: changed.count)
        }
    }

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

    func unset() async throws(DeployError) -> Int {
        let names = positionals + context.arguments.values(.variable)
        try context.validateNames(names, "variable", "variables unset \(space) NAME")
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let known = Set(try await hub.variables().keys)
            for name in context.filterExisting(names, among: known, "variable", of: space) {
                try await hub.unsetVariable(name)
                context.printChange(name, "unset", of: space)
            }
        }
    }
}

extension SpaceCommandContext {
    /// Requires confirmation for values that look like credentials: everyone who can see a Space
    /// can read its variables.
    func confirm(toShow variables: [GivenValue], of space: SpaceID) async throws(DeployError) {
        let findings = variables.compactMap { given in
            given.credential.map { (name: given.name, line: "variable \(given.name) looks like \($0)") }
        }
        guard let first = findings.first else { return }
        try await Confirmation(self, space).require(
            "Let whoever sees \(space) read \(findings.map(\.name).joined(separator: ", "))",
            findings.map(\.line),
            line: "secrets set \(space) \(first.name) keeps it to the app; else the same line with")
    }

    /// Checks that no name is in use by the other kind: the Hub does not run a Space with a
    /// variable and a secret of the same name.
    /// - Parameter fix: the hint for a name; `nil` suggests unsetting the existing value.
    /// - Throws: kind `refused` for the first name in use.
    func checkFree(
        _ names: [String], of space: SpaceID, amid usedNames: [String], _ kind: String,
        fix: ((String) -> String)? = nil
    ) throws(DeployError) {
        guard let name = names.first(where: { usedNames.contains($0) }) else { return }
        throw DeployError(
            .refused,
            "\(space) has a \(kind) \(name): with a variable and a secret of one name the Hub does not run it",
            details: ["nothing was changed"],
            hint: fix?(name) ?? "spacesync \(kind)s unset \(space) \(name)")
    }

    /// Warns about a variable that is named like a secret: variables are public.
    func warnOfSecret(_ name: String, of space: SpaceID) {
        guard SecretName.matches(Array(name.utf8)) else { return }
        let line = runContext.commandHints.complete("spacesync secrets set \(space) \(name)", of: space)
        warn("variable \(name) is named like a secret, and everybody reads a variable: \(line)")
    }
}
