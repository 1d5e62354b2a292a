import DeploySettings
import Essentials
import SpacesModel
import TextTools

/// A command line, taken apart by a command's flags.
struct Arguments: Sendable {
    /// What is no flag, in order.
    private(set) var words: [String] = []
    /// Flags in order, with their value.
    private(set) var flags: [(flag: Flag, value: String)] = []

    /// - Throws: kind `usage`, with the nearest known flag.
    init(_ line: some Sequence<String>, flags known: [Flag]) throws(Failure) {
        var rest = Array(line)[...]
        while let word = rest.popFirst() {
            if word == "--" {
                words += rest
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                words.append(word)
                continue
            }
            try take(word, from: &rest, known)
        }
    }

    private mutating func take(
        _ word: String, from rest: inout ArraySlice<String>, _ known: [Flag]
    ) throws(Failure) {
        let isLong = word.hasPrefix("--")
        let equals = isLong ? word.firstIndex(of: "=") : nil
        let name = equals.map { String(word[..<$0]) } ?? (isLong ? word : String(word.prefix(2)))
        guard let flag = known.first(where: { $0.names.contains(name) }) else {
            throw Self.unknown(name, known)
        }
        var attached = equals.map { String(word[word.index(after: $0)...]) }
        if !isLong, word.count > 2 {
            let tail = String(word.dropFirst(2))
            if flag.value == nil { rest.insert("-" + tail, at: rest.startIndex) } else { attached = tail }
        }
        flags.append((flag, try Self.value(of: flag, name, attached, from: &rest)))
    }

    private static func value(
        of flag: Flag, _ name: String, _ attached: String?, from rest: inout ArraySlice<String>
    ) throws(Failure) -> String {
        guard let placeholder = flag.value else {
            guard attached == nil else { throw Failure(.usage, "\(name) takes no value") }
            return flag.sets
        }
        if attached == nil, flag.isOptional { return flag.sets }
        guard let value = attached ?? rest.popFirst() else {
            throw Failure(.usage, "\(name) needs a value", hint: "write \(name) \(placeholder)")
        }
        guard !value.isEmpty || placeholder != "FILE" else {
            throw Failure(.usage, "\(name) names no file", hint: "is the variable set that stands there?")
        }
        return value
    }

    private static func unknown(_ name: String, _ known: [Flag]) -> Failure {
        if name.hasPrefix("--"), let key = Key.named(name.dropFirst(2)) {
            return Failure(
                .usage, "\(name) is no flag, but \(key.name) is a setting",
                hint:
                    "-c \(key.name)=\(key.name == "secret" ? "NAME" : "VALUE"), or write \(key.name) = VALUE into the Space's section"
            )
        }
        let near = nearest(name, among: known.flatMap(\.names))
        return Failure(
            .usage, "unknown flag \(name)",
            hint: near.map { "did you mean \($0)?" } ?? "the flags: spacesync help COMMAND")
    }

    func has(_ flag: Flag) -> Bool { flags.contains { $0.flag == flag } }
    func values(_ flag: Flag) -> [String] { flags.filter { $0.flag == flag }.map(\.value) }
    func value(_ flag: Flag) -> String? { values(flag).last }

    /// - Throws: kind `usage` for what is no length of time.
    func duration(_ flag: Flag) throws(Failure) -> Duration? {
        guard let text = value(flag) else { return nil }
        guard let duration = Duration(waiting: text) else {
            throw Failure(
                .usage, "\(flag.names[0]) \(text) is no length of time", hint: "write 30s, 5m or 1h30m")
        }
        return duration
    }
}

extension Arguments {
    /// The settings that flags give, as a layer of their own: `-c KEY=VALUE` and its named sisters.
    func layers() throws(Failure) -> [Layer] {
        var layers: [Layer] = []
        for (flag, value) in flags {
            if flag == .set {
                layers.append(try Self.layer(setting: value))
            } else if let key = flag.key {
                layers.append(Self.layer(flag.names[0], key, value))
            }
        }
        return layers
    }

    private static func layer(setting: String) throws(Failure) -> Layer {
        let halves = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
            $0.trimmingSpaces()
        }
        let key = halves[0].hasPrefix("space.") ? String(halves[0].dropFirst(6)) : halves[0]
        guard Key.named(key) != nil else {
            let known = Key.all.map(\.name)
            let near = nearest(key, among: known).map { "did you mean \($0)?" }
            throw Failure(
                .usage, "-c \(key): there is no such key",
                hint: near ?? "the keys are \(known.joined(separator: ", "))")
        }
        return layer("-c", key, halves.count == 2 ? halves[1] : nil)
    }

    private static func layer(_ flag: String, _ key: String, _ value: String?) -> Layer {
        let entry = ConfigEntry(section: "space", subsection: nil, key: key.lowercased(), value: value)
        return Layer(.flag(flag), .operating, [entry])
    }
}
