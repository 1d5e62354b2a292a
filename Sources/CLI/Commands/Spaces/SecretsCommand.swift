import Documentation
import HTTP
import HubAPI
import Reporting
import SpacesModel

/// The command `secrets`: sets, lists and removes the secrets of a Space.
struct SecretsCommand: NamedValueHandler {
    static let command = Command(
        .secrets, flags: [.secret, fileFlag] + Flag.spaceCommand, ignoredFlags: [.yes]
    ) { (invocation) async throws(DeployError) in
        try await Subcommand.run(SecretsCommand.self, invocation, like: "set owner/name API_KEY")
    }

    static let (kind, otherKind) = (CommandLineValues.Kind.secret, CommandLineValues.Kind.variable)
    static let flag = Flag.secret
    static let fileFlag = Flag(
        "--secrets-file --env-file", value: "FILE", Flag.secretsFile.summary)
    static let (example, setExample) = ("API_KEY", "API_KEY")

    let context: SpaceCommandContext
    let space: SpaceID
    let positionals: [String]

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

    func check(_ values: [GivenValue]) { context.checkFiles(of: values) }

    /// Returns all values: the Hub does not show those of the Space.
    func changes(_ values: [GivenValue], _ hub: HubSpace) -> [GivenValue] { values }

    func confirm(_ values: [GivenValue]) {}

    func setValue(_ value: GivenValue, _ hub: HubSpace) async throws(DeployError) {
        // By the fingerprint, a later push detects that the secret is unchanged.
        try await hub.setSecret(
            value.name, value.value, description: Fingerprint(of: value.value)?.description)
    }

    func unsetValue(_ name: String, _ hub: HubSpace) async throws(DeployError) {
        try await hub.unsetSecret(name)
    }

    func names(_ hub: HubSpace) async throws(DeployError) -> [String] { try await hub.secrets().map(\.name) }

    func otherNames(_ hub: HubSpace) async throws(DeployError) -> [String] {
        Array(try await hub.variables().keys)
    }
}

extension SecretEntry {
    /// The description that a user wrote; `nil` if it is a fingerprint written by spacesync.
    fileprivate var userDescription: String? { description.flatMap { Fingerprint(in: $0) == nil ? $0 : nil } }
}
