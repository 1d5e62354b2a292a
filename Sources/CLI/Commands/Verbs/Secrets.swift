import DeploySettings
import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

extension Command {
    static let secrets = Command(
        name: "secrets", synopsis: "set|list|unset SPACE [NAME…]", summary: "what the app alone may read",
        details: """
            set takes NAME (the environment's of that name), NAME=env:X, NAME=file:P or NAME=- (standard input): a
            value never stands in the command line. Each change restarts the Space; nobody can read a value back.
            """,
        flags: [
            .secret, Flag("--secrets-file --env-file", value: "FILE", Flag.secretsFile.summary),
        ] + Flag.verb, idle: [.yes]
    ) { (invocation) async throws(Failure) in
        try await ListVerb.run(SecretsWork.self, invocation, like: "set owner/name API_KEY")
    }
}

private struct SecretsWork: ListWork {
    let office: Office
    let space: SpaceID
    let words: [String]

    func set() async throws(Failure) -> Int {
        let arguments = office.arguments
        let files = arguments.flags.filter { $0.flag.names.contains("--secrets-file") }.map(\.value)
        let values = try await GivenValues.read(
            .secret, words: words + arguments.values(.secret), files: files, in: office.invocation.world)
        office.checkFiles(of: values)
        guard !values.isEmpty else {
            throw Failure(.usage, "no secret is named", hint: "spacesync secrets set \(space) API_KEY")
        }
        return await office.serve(space) { (hub, _) async throws(Failure) in
            let variables = try await hub.variables().keys
            try office.checkFree(values.map(\.name), of: space, amid: Array(variables), "variable")
            for given in values {
                // A later push sees by it that the secret is the same.
                try await hub.setSecret(
                    given.name, given.value, description: Fingerprint(of: given.value)?.description)
                office.give(given.name, "set", of: space)
            }
            await office.tellRestart(of: hub, with: values.count)
        }
    }

    func list() async -> Int {
        await office.serve(space) { (hub, _) async throws(Failure) in
            let secrets = try await hub.secrets()
            let rows = secrets.map { [$0.name.visible, Age.day($0.updated), ($0.note ?? "").visible] }
            for (secret, line) in zip(secrets, Table(rows: rows).lines) {
                office.results.give(
                    space, text: [line], quiet: secret.name,
                    json: [
                        ("name", .string(secret.name)), ("description", .optional(secret.note)),
                        ("updated", .optional(secret.updated)),
                    ])
            }
            if secrets.isEmpty { office.tell("\(space) has no secrets", about: space) }
        }
    }

    func unset() async throws(Failure) -> Int {
        let names = words + office.arguments.values(.secret)
        try office.check(names, "secret", "secrets unset \(space) API_KEY")
        return await office.serve(space) { (hub, _) async throws(Failure) in
            let known = Set(try await hub.secrets().map(\.name))
            for name in office.present(names, among: known, "secret", of: space) {
                try await hub.unsetSecret(name)
                office.give(name, "unset", of: space)
            }
        }
    }
}

extension Office {
    /// One name that was changed.
    func give(_ name: String, _ change: String, of space: SpaceID, _ more: [(String, OrderedJSON)] = []) {
        results.give(
            space, text: ["\(name.visible) \(change)"], quiet: name,
            json: [("name", .string(name)), ("change", .string(change))] + more)
    }

    /// The Hub restarts what runs, and what rests stays at rest.
    func tellRestart(of hub: HubSpace, with count: Int) async {
        let what = count == 1 ? "it" : "them"
        let text =
            switch (try? await hub.runtime())?.stage {
            case .noAppFile?: "\(hub.space) has \(what) from its first build on"
            case let stage? where stage.isAtRest:
                "\(hub.space) is \(stage), and has \(what) when it runs again: spacesync restart \(hub.space)"
            default: "\(hub.space) restarts with \(what)"
            }
        tell(text, about: hub.space)
    }

    /// - Throws: kind `usage` where nothing, or no name, is named.
    func check(_ names: [String], _ kind: String, _ line: String) throws(Failure) {
        guard !names.isEmpty else { throw Failure(.usage, "no \(kind) is named", hint: "spacesync \(line)") }
        guard let odd = names.first(where: { !NamedValue.isName($0) }) else { return }
        throw Failure(
            .usage, "\(odd.prefix { $0 != "=" }) is no name of a \(kind)",
            hint: "names alone: spacesync \(line)")
    }

    /// Those that are there; of the others it is said.
    func present(_ names: [String], among known: Set<String>, _ kind: String, of space: SpaceID) -> [String] {
        names.filter { name in
            if known.contains(name) { return true }
            let near = nearest(name, among: known.sorted()).map { ": did you mean \($0)?" } ?? ""
            warn("\(space) has no \(kind) \(name)\(near)")
            return false
        }
    }
}

extension SecretEntry {
    /// What a person wrote beside it; the fingerprint is for machines.
    fileprivate var note: String? { description.flatMap { Fingerprint(in: $0) == nil ? $0 : nil } }
}
