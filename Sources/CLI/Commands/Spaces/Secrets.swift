import DeploySettings
import Documentation
import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

extension Command {
    static let secrets = Command(
        .secrets,
        flags: [
            .secret, Flag("--secrets-file --env-file", value: "FILE", Flag.secretsFile.summary),
        ] + Flag.spaceCommand, ignoredFlags: [.yes]
    ) { (invocation) async throws(DeployError) in
        try await ListCommand.run(SecretsCommandHandler.self, invocation, like: "set owner/name API_KEY")
    }
}

private struct SecretsCommandHandler: ListCommandHandler {
    let context: SpaceCommandContext
    let space: SpaceID
    let positionals: [String]

    func set() async throws(DeployError) -> Int {
        let arguments = context.arguments
        let files = arguments.flags.filter { $0.flag.names.contains("--secrets-file") }.map(\.value)
        let values = try await CommandLineValues.read(
            .secret, assignments: positionals + arguments.values(.secret), files: files,
            in: context.invocation.environment)
        context.checkFiles(of: values)
        guard !values.isEmpty else {
            throw DeployError(.usage, "no secret is named", hint: "spacesync secrets set \(space) API_KEY")
        }
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let variables = try await hub.variables().keys
            try context.checkFree(values.map(\.name), of: space, amid: Array(variables), "variable")
            for given in values {
                // By the fingerprint, a later push detects that the secret is unchanged.
                try await hub.setSecret(
                    given.name, given.value, description: Fingerprint(of: given.value)?.description)
                context.printChange(given.name, "set", of: space)
            }
            await context.logRestart(of: hub, with: values.count)
        }
    }

    func list() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let secrets = try await hub.secrets()
            let rows = secrets.map {
                [$0.name.visible, RelativeTime.day($0.updated), ($0.userDescription ?? "").visible]
            }
            for (secret, line) in zip(secrets, Table(rows: rows).lines) {
                context.results.write(
                    space, text: [line], quiet: secret.name,
                    json: [
                        "name": .string(secret.name), "description": .optional(secret.userDescription),
                        "updated": .optional(secret.updated),
                    ])
            }
            if secrets.isEmpty { context.log("\(space) has no secrets", about: space) }
        }
    }

    func unset() async throws(DeployError) -> Int {
        let names = positionals + context.arguments.values(.secret)
        try context.validateNames(names, "secret", "secrets unset \(space) API_KEY")
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let known = Set(try await hub.secrets().map(\.name))
            for name in context.filterExisting(names, among: known, "secret", of: space) {
                try await hub.unsetSecret(name)
                context.printChange(name, "unset", of: space)
            }
        }
    }
}

extension SpaceCommandContext {
    /// Prints one name that was set or unset.
    func printChange(
        _ name: String, _ change: String, of space: SpaceID, _ more: JSON.Object = [:]
    ) {
        results.write(
            space, text: ["\(name.visible) \(change)"], quiet: name,
            json: ["name": .string(name), "change": .string(change)] + more)
    }

    /// Logs when the change takes effect: the Hub restarts a running Space, and does not start an
    /// inactive one.
    func logRestart(of hub: HubSpace, with count: Int) async {
        let pronoun = count == 1 ? "it" : "them"
        let text =
            switch (try? await hub.runtime())?.stage {
            case .noAppFile?: "\(hub.space) has \(pronoun) from its first build on"
            case let stage? where stage.isInactive:
                "\(hub.space) is \(stage), and has \(pronoun) when it runs again: spacesync restart \(hub.space)"
            default: "\(hub.space) restarts with \(pronoun)"
            }
        log(text, about: hub.space)
    }

    /// - Throws: kind `usage` if there is no name, or an invalid one.
    func validateNames(_ names: [String], _ kind: String, _ line: String) throws(DeployError) {
        guard !names.isEmpty else {
            throw DeployError(.usage, "no \(kind) is named", hint: "spacesync \(line)")
        }
        guard let invalid = names.first(where: { !ValueReference.isValidName($0) }) else { return }
        throw DeployError(
            .usage, "\(invalid.prefix { $0 != "=" }) is no name of a \(kind)",
            hint: "names alone: spacesync \(line)")
    }

    /// Returns the names that exist, and warns about the others.
    func filterExisting(_ names: [String], among known: Set<String>, _ kind: String, of space: SpaceID)
        -> [String]
    {
        names.filter { name in
            if known.contains(name) { return true }
            let near = nearest(name, among: known.sorted()).map { ": did you mean \($0)?" } ?? ""
            warn("\(space) has no \(kind) \(name)\(near)")
            return false
        }
    }
}

extension SecretEntry {
    /// The description that a user wrote; `nil` if it is a fingerprint written by spacesync.
    fileprivate var userDescription: String? { description.flatMap { Fingerprint(in: $0) == nil ? $0 : nil } }
}
