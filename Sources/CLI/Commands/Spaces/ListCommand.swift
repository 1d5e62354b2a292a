import SpacesModel
import TextTools

/// A subcommand for a Space's secrets, variables or volumes: `set`, `list` or `unset`, or the names
/// that `hf` uses.
enum ListCommand: Sendable {
    case set, list, unset

    private static let aliases: [(name: String, subcommand: ListCommand)] = [
        ("set", .set), ("list", .list), ("unset", .unset), ("add", .set), ("ls", .list), ("delete", .unset),
        ("remove", .unset), ("rm", .unset),
    ]

    /// Runs the subcommand that was called.
    /// - Parameter flagValues: values that are given by flags, in addition to the positional arguments.
    /// - Throws: kind `usage`, with an example as hint.
    static func run(
        _ handlerType: (some ListCommandHandler).Type, _ invocation: Invocation, like example: String,
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
        ListCommand, [String]
    ) {
        let (positionals, name) = (invocation.arguments.positionals, invocation.command.name)
        guard let first = positionals.first else {
            throw DeployError(
                .usage, "\(name) takes \(invocation.command.help.synopsis)",
                hint: "spacesync \(name) \(example)")
        }
        guard let subcommand = Self.aliases.first(where: { $0.name == first })?.subcommand else {
            let near = nearest(first, among: Self.aliases.map(\.name)).map { "did you mean \($0)?" }
            throw DeployError(
                .usage, "\(name) \(first): there is set, list and unset",
                hint: near ?? "spacesync \(name) \(example)")
        }
        guard positionals.count > 1, subcommand != .list || positionals.count == 2 else {
            let line = subcommand == .list ? "list owner/name" : example
            throw DeployError(
                .usage,
                positionals.count > 1 ? "\(name) list takes one Space" : "\(name) \(first) needs a Space",
                hint: "spacesync \(name) \(line)")
        }
        return (subcommand, Array(positionals.dropFirst()))
    }
}

/// An implementation of `set`, `list` and `unset` for one kind of configuration of a Space.
protocol ListCommandHandler: Sendable {
    init(context: SpaceCommandContext, space: SpaceID, positionals: [String])
    func set() async throws(DeployError) -> Int
    func list() async -> Int
    func unset() async throws(DeployError) -> Int
}

extension Flag {
    static let envFile = Flag(
        "--env-file", value: "FILE", "variables, one NAME=value a line (- is standard input)")
    static let secretsFile = Flag(
        "--secrets-file", value: "FILE", "secrets, one NAME=value a line (- is standard input)")
    static let secret = Flag(
        "--secret -s --secrets", value: "NAME[=PLACE]",
        "a secret: the environment's NAME, or env:X, file:P, - (repeatable)")
    static let variable = Flag(
        "--variable -e --env", value: "NAME=VALUE", "a variable, for everybody to read (repeatable)")
}
