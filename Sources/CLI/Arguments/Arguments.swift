import DeploySettings
import Essentials
import SpacesModel
import TextTools

/// A command line, parsed with the flags of a command.
struct Arguments: Sendable {
    /// The arguments that are not flags, in order.
    private(set) var positionals: [String] = []
    /// The flags in order, each with its value.
    private(set) var flags: [(flag: Flag, value: String)] = []

    /// Parses a command line.
    /// - Throws: kind `usage`, with the nearest known flag.
    init(_ line: some Sequence<String>, flags known: [Flag]) throws(DeployError) {
        var remaining = Array(line)[...]
        while let argument = remaining.popFirst() {
            if argument == "--" {
                positionals += remaining
                return
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                positionals.append(argument)
                continue
            }
            try parseFlag(argument, from: &remaining, known)
        }
    }

    private mutating func parseFlag(
        _ argument: String, from remaining: inout ArraySlice<String>, _ known: [Flag]
    ) throws(DeployError) {
        let isLong = argument.hasPrefix("--")
        let equals = isLong ? argument.firstIndex(of: "=") : nil
        let name = equals.map { String(argument[..<$0]) } ?? (isLong ? argument : String(argument.prefix(2)))
        guard let flag = known.first(where: { $0.names.contains(name) }) else {
            throw Self.unknownFlag(name, known)
        }
        var attached = equals.map { String(argument[argument.index(after: $0)...]) }
        if !isLong, argument.count > 2 {
            let tail = String(argument.dropFirst(2))
            if flag.value == nil {
                remaining.insert("-" + tail, at: remaining.startIndex)
            } else {
                attached = tail
            }
        }
        flags.append((flag, try Self.value(of: flag, name, attached, from: &remaining)))
    }

    private static func value(
        of flag: Flag, _ name: String, _ attached: String?, from remaining: inout ArraySlice<String>
    ) throws(DeployError) -> String {
        guard let placeholder = flag.value else {
            guard attached == nil else { throw DeployError(.usage, "\(name) does not accept a value") }
            return flag.sets
        }
        if attached == nil, flag.isOptional { return flag.sets }
        guard let value = attached ?? remaining.popFirst() else {
            throw DeployError(.usage, "\(name) requires a value", hint: "use \(name) \(placeholder)")
        }
        guard !value.isEmpty || placeholder != "FILE" else {
            throw DeployError(.usage, "\(name) requires a file name", hint: "is the shell variable empty?")
        }
        return value
    }

    private static func unknownFlag(_ name: String, _ known: [Flag]) -> DeployError {
        if name.hasPrefix("--"), let key = SettingKey.named(name.dropFirst(2)) {
            return DeployError(
                .usage, "unknown flag \(name): \(key.name) is a setting",
                hint:
                    "use -c \(key.name)=\(key.placeholder), or set \(key.name) = VALUE in the section of the Space"
            )
        }
        let suggestion = nearest(name, among: known.flatMap(\.names)).map { "did you mean \($0)?" }
        return DeployError(
            .usage, "unknown flag \(name)",
            hint: Synonyms.hint(forFlag: name, among: known) ?? suggestion
                ?? "to list the flags: spacesync help COMMAND")
    }

    func has(_ flag: Flag) -> Bool { flags.contains { $0.flag == flag } }
    func values(_ flag: Flag) -> [String] { flags.filter { $0.flag == flag }.map(\.value) }
    func value(_ flag: Flag) -> String? { values(flag).last }

    /// - Throws: kind `usage` if the value is not a duration.
    func duration(_ flag: Flag) throws(DeployError) -> Duration? {
        guard let text = value(flag) else { return nil }
        guard let duration = Duration(waiting: text) else {
            throw DeployError(
                .usage, "\(flag.names[0]) \(text): invalid duration",
                hint: "use a value such as 30s, 5m or 1h30m")
        }
        return duration
    }

    /// Returns the settings given by flags, each as its own layer: `-c KEY=VALUE` and the flags
    /// named after a key.
    func layers() throws(DeployError) -> [ConfigLayer] {
        var layers: [ConfigLayer] = []
        for (flag, value) in flags {
            if flag == .set {
                layers.append(try Self.layer(setting: value))
            } else if let key = flag.key {
                layers.append(Self.layer(flag.names[0], key, value))
            }
        }
        return layers
    }

    private static func layer(setting: String) throws(DeployError) -> ConfigLayer {
        let halves = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
            $0.trimmingSpaces()
        }
        let key = keyName(halves[0])
        guard SettingKey.named(key) != nil else {
            let knownKeys = SettingKey.all.map(\.name)
            let suggestion = nearest(key, among: knownKeys).map { "did you mean \($0)?" }
            throw DeployError(
                .usage, "-c \(key): unknown key",
                hint: suggestion ?? "the keys are \(knownKeys.joined(separator: ", "))")
        }
        return layer("-c", key, halves.count == 2 ? halves[1] : nil)
    }

    /// Returns the key in the form `space.KEY` or `KEY`.
    static func keyName(_ text: String) -> String {
        text.hasPrefix("space.") ? String(text.dropFirst("space.".count)) : text
    }

    private static func layer(_ flag: String, _ key: String, _ value: String?) -> ConfigLayer {
        let entry = ConfigEntry(section: "space", subsection: nil, key: key.lowercased(), value: value)
        return ConfigLayer(.flag(flag), .trusted, [entry])
    }

    /// Rejects tokens in the arguments: a token taken as a name would appear in requests and
    /// messages.
    /// - Throws: kind `usage`, without the token.
    func rejectTokens(of command: String) throws(DeployError) {
        let isVerb = command == "variables" || command == "secrets"
        // These commands check their values themselves: a token as a variable may be confirmed, a
        // literal secret is an error.
        let names = positionals.filter { !isVerb || !$0.contains("=") }
        for name in names where Self.isToken(name) { throw Self.misplacedToken(name) }
        for (flag, value) in flags where Self.isToken(value) && !flag.allowsCredentials(value) {
            throw Self.misplacedToken("\(flag.names[0]) \(value)")
        }
    }

    /// Whether the text looks like a token. A URL may contain a user and a password; it is never
    /// printed with them.
    private static func isToken(_ text: String) -> Bool {
        let isAddress = text.contains("://") && !text.lowercased().hasPrefix("hf://")
        return !isAddress && text.redacted != text
    }

    private static func misplacedToken(_ text: String) -> DeployError {
        DeployError(
            .usage, "\(text.redacted): a token cannot be an argument",
            details: ["other users of this machine see arguments, and the shell keeps them in its history"],
            hint: "set HF_TOKEN or use --token-file FILE, and replace the token if it is real")
    }
}
