import DeploySettings
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// A subcommand for a Space's secrets, variables or volumes: `set`, `list` or `unset`, or the names
/// that `hf` uses.
enum Subcommand: Sendable {
    case set, list, unset

    private static let aliases: [(name: String, subcommand: Subcommand)] = [
        ("set", .set), ("list", .list), ("unset", .unset), ("add", .set), ("ls", .list), ("delete", .unset),
        ("remove", .unset), ("rm", .unset),
    ]

    /// Runs the subcommand that was called.
    /// - Parameter flagValues: values that are given by flags, in addition to the positional arguments.
    /// - Throws: kind `usage`, with an example as hint.
    static func run(
        _ handlerType: (some SubcommandHandler).Type, _ invocation: Invocation, like example: String,
        flagValues: [String] = []
    ) async throws(DeployError) -> Int {
        let (subcommand, positionals) = try read(invocation, like: example)
        let context = try await SpaceCommandContext(invocation, [positionals[0]])
        let handler = handlerType.init(
            context: context, space: try context.space(), positionals: positionals.dropFirst() + flagValues)
        return switch subcommand {
        case .set: try await handler.set()
        case .list: await handler.list()
        case .unset: try await handler.unset()
        }
    }

    /// Returns the subcommand and the arguments after it, the first of which is a Space.
    private static func read(_ invocation: Invocation, like example: String) throws(DeployError) -> (
        Subcommand, [String]
    ) {
        let (positionals, name) = (invocation.arguments.positionals, invocation.command.name)
        guard let first = positionals.first else {
            throw DeployError(
                .usage, "missing arguments; usage: \(name) \(invocation.command.help.synopsis)",
                hint: "spacesync \(name) \(example)")
        }
        guard let subcommand = Self.aliases.first(where: { $0.name == first })?.subcommand else {
            let near = nearest(first, among: Self.aliases.map(\.name)).map { "did you mean \($0)?" }
            throw DeployError(
                .usage, "\(name): unknown subcommand \"\(first)\"; use set, list or unset",
                hint: near ?? "spacesync \(name) \(example)")
        }
        guard positionals.count > 1, subcommand != .list || positionals.count == 2 else {
            let line = subcommand == .list ? "list owner/name" : example
            throw DeployError(
                .usage,
                positionals.count > 1
                    ? "\(name) list accepts only one Space" : "\(name) \(first) requires a Space",
                hint: "spacesync \(name) \(line)")
        }
        return (subcommand, Array(positionals.dropFirst()))
    }
}

/// An implementation of `set`, `list` and `unset` for one kind of configuration of a Space.
protocol SubcommandHandler: Sendable {
    init(context: SpaceCommandContext, space: SpaceID, positionals: [String])
    func set() async throws(DeployError) -> Int
    func list() async -> Int
    func unset() async throws(DeployError) -> Int
}

/// The implementation of `secrets` and `variables`: what differs is a requirement, the rest is in the
/// extension.
protocol NamedValueHandler: SubcommandHandler {
    var context: SpaceCommandContext { get }
    var space: SpaceID { get }
    /// The arguments after the Space.
    var positionals: [String] { get }

    static var kind: CommandLineValues.Kind { get }
    /// The kind of the other command: the Hub does not run a Space with both of one name.
    static var otherKind: CommandLineValues.Kind { get }
    static var flag: Flag { get }
    static var fileFlag: Flag { get }
    /// A name for hints.
    static var example: String { get }
    static var setExample: String { get }

    /// Warns about the values, before the first request.
    func check(_ values: [GivenValue])
    /// Returns the values that differ from those of the Space.
    func changes(_ values: [GivenValue], _ hub: HubSpace) async throws(DeployError) -> [GivenValue]
    /// Requires confirmation for values that others will see.
    func confirm(_ values: [GivenValue]) async throws(DeployError)
    func setValue(_ value: GivenValue, _ hub: HubSpace) async throws(DeployError)
    func unsetValue(_ name: String, _ hub: HubSpace) async throws(DeployError)
    func names(_ hub: HubSpace) async throws(DeployError) -> [String]
    func otherNames(_ hub: HubSpace) async throws(DeployError) -> [String]
}

extension NamedValueHandler {
    func set() async throws(DeployError) -> Int {
        let values = try await CommandLineValues.read(
            Self.kind, assignments: positionals + context.arguments.values(Self.flag),
            files: context.arguments.values(Self.fileFlag), in: context.invocation.environment)
        guard !values.isEmpty else {
            throw DeployError(
                .usage, "no \(Self.kind) specified",
                hint: "spacesync \(Self.kind)s set \(space) \(Self.setExample)")
        }
        check(values)
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let changed = try await changes(values, hub)
            try context.checkFree(
                changed.map(\.name), of: space, amid: try await otherNames(hub), Self.otherKind.rawValue)
            try await confirm(changed)
            for given in changed {
                try await setValue(given, hub)
                printChange(given.name, "set")
            }
            guard !changed.isEmpty else { return context.log("no change", about: space) }
            await logRestart(of: hub, with: changed.count)
        }
    }

    func unset() async throws(DeployError) -> Int {
        let names = positionals + context.arguments.values(Self.flag)
        try validateNames(names)
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let known = try await self.names(hub)
            for name in filterExisting(names, among: known) {
                try await unsetValue(name, hub)
                printChange(name, "unset")
            }
        }
    }

    /// Prints one name that was set or unset.
    private func printChange(_ name: String, _ change: String) {
        context.results.write(
            space, text: ["\(name.visible) \(change)"], quiet: name,
            json: ["name": .string(name), "change": .string(change)])
    }

    /// Logs when the change takes effect: the Hub restarts a running Space, and does not start an
    /// inactive one.
    private func logRestart(of hub: HubSpace, with count: Int) async {
        let pronoun = count == 1 ? "it" : "them"
        let text =
            switch (try? await hub.runtime())?.stage {
            case .noAppFile?: "\(hub.space) uses \(pronoun) from its first build"
            case let stage? where stage.isInactive:
                "\(hub.space) is \(stage) and uses \(pronoun) after the next start: spacesync restart \(hub.space)"
            default: "\(hub.space) restarts to use \(pronoun)"
            }
        context.log(text, about: hub.space)
    }

    /// - Throws: kind `usage` if there is no name, or an invalid one.
    private func validateNames(_ names: [String]) throws(DeployError) {
        let line = "spacesync \(Self.kind)s unset \(space) \(Self.example)"
        guard !names.isEmpty else {
            throw DeployError(.usage, "no \(Self.kind) specified", hint: line)
        }
        guard let invalid = names.first(where: { !ValueReference.isValidName($0) }) else { return }
        throw DeployError(
            .usage, "\"\(invalid.prefix { $0 != "=" })\" is not a valid \(Self.kind) name",
            hint: "use only names: \(line)")
    }

    /// Returns the names that exist, and warns about the others.
    private func filterExisting(_ names: [String], among known: [String]) -> [String] {
        names.filter { name in
            if known.contains(name) { return true }
            let near = nearest(name, among: known.sorted()).map { ": did you mean \($0)?" } ?? ""
            context.warn("\(space) has no \(Self.kind) \(name)\(near)")
            return false
        }
    }
}

/// Checks of variables and secrets that are given on the command line.
extension SpaceCommandContext {
    /// Warns about secret files that other users can read.
    func checkFiles(of secrets: [GivenValue]) {
        for case .file(let path) in secrets.map(\.location) {
            runContext.tokenFiles.check(invocation.environment.absolute(path), named: path)
        }
    }

    /// Requires confirmation for values that look like credentials: everyone who can see a Space
    /// can read its variables.
    func confirm(toShow variables: [GivenValue], of space: SpaceID) async throws(DeployError) {
        let findings = variables.compactMap { given in
            given.credential.map { (name: given.name, line: "variable \(given.name) looks like \($0)") }
        }
        guard let first = findings.first else { return }
        try await Confirmation(self, space).require(
            "Show \(findings.map(\.name).joined(separator: ", ")) to everybody who can see \(space)",
            findings.map(\.line),
            line:
                "secrets set \(space) \(first.name) stores it as a secret; to show it, repeat your command with"
        )
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
            "\(space) has a \(kind) \(name); a Space with a variable and a secret of the same name does not run",
            details: ["nothing was changed"],
            hint: fix?(name) ?? "spacesync \(kind)s unset \(space) \(name)")
    }

    /// Warns about a variable that is named like a secret: variables are public.
    func warnOfSecret(_ name: String, of space: SpaceID) {
        guard SecretName.matches(Array(name.utf8)) else { return }
        let line = runContext.commandHints.complete("spacesync secrets set \(space) \(name)", of: space)
        warn(
            "variable \(name) is named like a secret, but everybody can read a variable; to store a secret: \(line)"
        )
    }
}
