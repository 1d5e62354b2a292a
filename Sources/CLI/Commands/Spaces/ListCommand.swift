import SpacesModel
import TextTools

/// What is done with a Space's secrets, variables or volumes: `set`, `list`, `unset`, or as `hf` spells it.
enum ListCommand: Sendable {
    case set, list, unset

    private static let aliases: [(word: String, verb: ListCommand)] = [
        ("set", .set), ("list", .list), ("unset", .unset), ("add", .set), ("ls", .list), ("delete", .unset),
        ("remove", .unset), ("rm", .unset),
    ]

    /// Runs what was called.
    /// - Parameter flagged: what flags name besides words.
    /// - Throws: kind `usage`, with the line to type.
    static func run(
        _ work: (some ListCommandHandler).Type, _ invocation: Invocation, like example: String,
        flagValues: [String] = []
    ) async throws(DeployError) -> Int {
        let (verb, words) = try read(invocation, like: example)
        let office = try await SpaceCommandContext(invocation, [words[0]])
        let work = work.init(
            context: office, space: try office.space(), positionals: words.dropFirst() + flagValues)
        return switch verb {
        case .set: try await work.set()
        case .list: await work.list()
        case .unset: try await work.unset()
        }
    }

    /// The verb and the words behind it, the first of them a Space.
    private static func read(_ invocation: Invocation, like example: String) throws(DeployError) -> (
        ListCommand, [String]
    ) {
        let (words, name) = (invocation.arguments.positionals, invocation.command.name)
        guard let first = words.first else {
            throw DeployError(
                .usage, "\(name) takes \(invocation.command.help.synopsis)",
                hint: "spacesync \(name) \(example)")
        }
        guard let verb = Self.aliases.first(where: { $0.word == first })?.verb else {
            let near = nearest(first, among: Self.aliases.map(\.word)).map { "did you mean \($0)?" }
            throw DeployError(
                .usage, "\(name) \(first): there is set, list and unset",
                hint: near ?? "spacesync \(name) \(example)")
        }
        guard words.count > 1, verb != .list || words.count == 2 else {
            let line = verb == .list ? "list owner/name" : example
            throw DeployError(
                .usage, words.count > 1 ? "\(name) list takes one Space" : "\(name) \(first) needs a Space",
                hint: "spacesync \(name) \(line)")
        }
        return (verb, Array(words.dropFirst()))
    }
}

/// What `set`, `list` and `unset` do with one kind of thing that a Space has.
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
