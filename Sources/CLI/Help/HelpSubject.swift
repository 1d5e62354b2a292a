import DeploySettings
import Documentation
import SpacesModel

/// What `help` describes: a command, a topic of the reference, or a settings key.
enum HelpSubject {
    case command(Command)
    case topic(HelpTopic)
    case setting(SettingKey)
    /// The list of all topics.
    case topics

    /// - Parameter words: the arguments of `help`: `push`, `tokens`, `branch`, `settings.branch`,
    /// `settings branch` or `topics`.
    /// - Throws: kind `usage`, with the nearest name as hint.
    init(_ words: [String]) throws(DeployError) {
        let name = words.first ?? "help"
        let prefixes = ["settings.", "space."]
        let prefix = prefixes.first(where: name.hasPrefix)
        if let prefix {
            self = .setting(try Self.setting(String(name.dropFirst(prefix.count))))
        } else if name == "settings", words.count > 1 {
            self = .setting(try Self.setting(words[1]))
        } else if name == "topics" {
            self = .topics
        } else if let command = Command.named(name) {
            self = .command(command)
        } else if let topic = HelpTopic.named(name) {
            self = .topic(topic)
        } else if let key = SettingKey.named(name) {
            self = .setting(key)
        } else {
            let topics = HelpTopic.all.map(\.name)
            throw DeployError(
                .usage, "unknown command or topic \"\(name)\"",
                hint: Synonyms.hint(
                    for: name, among: Command.allNames + topics + SettingKey.all.map(\.name)))
        }
    }

    private static func setting(_ name: String) throws(DeployError) -> SettingKey {
        // Commands and flags are written with a hyphen: `sleep-time`.
        if let key = SettingKey.named(name.filter { $0 != "-" }) { return key }
        throw DeployError(
            .usage, "unknown setting \(name)",
            hint: Synonyms.hint(for: name, among: SettingKey.all.map(\.name)))
    }

    var text: String {
        switch self {
        case .command(let command): HelpText.of(command)
        case .topic(let topic): MarkdownText.rendered(topic.markdown)
        case .setting(let key): HelpText.of(key)
        case .topics: HelpText.topics
        }
    }
}

extension HelpText {
    static var topics: String {
        "Topics:\n" + HelpLayout.list(HelpTopic.all.map { ($0.name, $0.summary) }, 20)
            + "\n\nTo read one: spacesync help TOPIC\n"
    }

    static func of(_ key: SettingKey) -> String {
        let command = key.hasFlag ? "--\(key.name)" : "-c \(key.name)=\(key.placeholder)"
        let file =
            switch key.privilege {
            case .content: "allowed"
            case .operational: "allowed in your own working tree; elsewhere only with spacesync.trust"
            case .operatorOnly: "not allowed; use git config"
            }
        let rows = [
            ("Default:", key.defaultValue.isEmpty ? "not set" : key.defaultValue), ("Flag:", command),
            (".spacesync:", file),
        ]
        return """
            \(key.name): a setting of [space "owner/name"]

            \(HelpLayout.wrapped("  " + key.summary, indent: 2))

            \(HelpLayout.list(rows, 11))

            All settings: spacesync help settings

            """
    }
}

/// The exit codes with their meanings, as the topic `exit-codes` lists them.
enum ExitCodes {
    static let all: [(code: Int, meaning: String)] =
        ([
            (0, "done, or nothing to do"),
            (10, "`plan --exit-code`: there are changes to push, or a commit is held back"),
        ]
        + DeployError.Kind.allCases.map { ($0.exitCode, meaning(of: $0)) }).sorted { $0.0 < $1.0 }

    private static func meaning(of kind: DeployError.Kind) -> String {
        switch kind {
        case .internalError: "a bug in spacesync"
        case .usage: "the command line is invalid"
        case .settings: "a setting is invalid, or a required secret is missing"
        case .source: "the source cannot be read"
        case .permissionDenied: "not allowed: token, role, subscription or payment, certificate"
        case .refused: "the Hub refused or would refuse, or something was not found there"
        case .failed: "the build, the app or a probe failed"
        case .timedOut: "the time limit was reached (`--timeout`)"
        case .blocked: "a guard refused, or a required confirmation is missing"
        case .tryLater: "try again later: network, rate limit, error of the Hub, another run"
        case .interrupted: "interrupted; what the Hub accepted continues there"
        }
    }
}
