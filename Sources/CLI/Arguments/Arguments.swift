import DeploySettings
import Essentials
import SpacesModel
import TextTools

/// A command line, taken apart by a command's flags.
struct Arguments: Sendable {
    /// What is no flag, in order.
    private(set) var positionals: [String] = []
    /// Flags in order, with their value.
    private(set) var flags: [(flag: Flag, value: String)] = []

    /// - Throws: kind `usage`, with the nearest known flag.
    init(_ line: some Sequence<String>, flags known: [Flag]) throws(DeployError) {
        var rest = Array(line)[...]
        while let word = rest.popFirst() {
            if word == "--" {
                positionals += rest
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                positionals.append(word)
                continue
            }
            try parseFlag(word, from: &rest, known)
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
            guard attached == nil else { throw DeployError(.usage, "\(name) takes no value") }
            return flag.sets
        }
        if attached == nil, flag.isOptional { return flag.sets }
        guard let value = attached ?? remaining.popFirst() else {
            throw DeployError(.usage, "\(name) needs a value", hint: "write \(name) \(placeholder)")
        }
        guard !value.isEmpty || placeholder != "FILE" else {
            throw DeployError(.usage, "\(name) names no file", hint: "is the variable set that stands there?")
        }
        return value
    }

    private static func unknownFlag(_ name: String, _ known: [Flag]) -> DeployError {
        if name.hasPrefix("--"), let key = SettingKey.named(name.dropFirst(2)) {
            return DeployError(
                .usage, "\(name) is no flag, but \(key.name) is a setting",
                hint:
                    "-c \(key.name)=\(key.name == "secret" ? "NAME" : "VALUE"), or write \(key.name) = VALUE into the Space's section"
            )
        }
        let near = nearest(name, among: known.flatMap(\.names))
        return DeployError(
            .usage, "unknown flag \(name)",
            hint: near.map { "did you mean \($0)?" } ?? "the flags: spacesync help COMMAND")
    }

    func has(_ flag: Flag) -> Bool { flags.contains { $0.flag == flag } }
    func values(_ flag: Flag) -> [String] { flags.filter { $0.flag == flag }.map(\.value) }
    func value(_ flag: Flag) -> String? { values(flag).last }

    /// - Throws: kind `usage` for what is no length of time.
    func duration(_ flag: Flag) throws(DeployError) -> Duration? {
        guard let text = value(flag) else { return nil }
        guard let duration = Duration(waiting: text) else {
            throw DeployError(
                .usage, "\(flag.names[0]) \(text) is no length of time", hint: "write 30s, 5m or 1h30m")
        }
        return duration
    }
}

extension Arguments {
    /// The settings that flags give, as a layer of their own: `-c KEY=VALUE` and its named sisters.
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
        let key = halves[0].hasPrefix("space.") ? String(halves[0].dropFirst(6)) : halves[0]
        guard SettingKey.named(key) != nil else {
            let known = SettingKey.all.map(\.name)
            let near = nearest(key, among: known).map { "did you mean \($0)?" }
            throw DeployError(
                .usage, "-c \(key): there is no such key",
                hint: near ?? "the keys are \(known.joined(separator: ", "))")
        }
        return layer("-c", key, halves.count == 2 ? halves[1] : nil)
    }

    private static func layer(_ flag: String, _ key: String, _ value: String?) -> ConfigLayer {
        let entry = ConfigEntry(section: "space", subsection: nil, key: key.lowercased(), value: value)
        return ConfigLayer(.flag(flag), .trusted, [entry])
    }
}
