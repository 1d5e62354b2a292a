import DockerSyntax
import FrontMatter
import SpacesModel
import TextTools

/// The parsers of setting values.
enum SettingParser {
    static func text(_ value: SettingInput) -> String { value.text }

    /// Parses a value whose meaning depends on its origin, such as a relative path.
    static func sourced(_ value: SettingInput) -> Target.Sourced {
        Target.Sourced(value: value.text, origin: value.origin)
    }

    /// Returns the Boolean that Git would read; `nil` if the value is not a Boolean.
    private static func boolean(_ text: String) -> Bool? {
        let booleans: [String: Bool] = [
            "true": true, "yes": true, "on": true, "1": true, "false": false, "no": false, "off": false,
            "0": false,
        ]
        return booleans[text.lowercased()]
    }

    static func flag(_ value: SettingInput) throws(InvalidValue) -> Bool {
        guard let flag = boolean(value.text) else { throw InvalidValue("must be true or false") }
        return flag
    }

    /// Parses a Boolean of the operator's settings.
    static func permission(_ value: SettingInput) throws(InvalidValue) -> Bool {
        guard let isAllowed = boolean(value.text) else { throw InvalidValue("must be true or false") }
        return isAllowed
    }

    static func choice(_ choices: String...) -> ValueParser<String> {
        { (value) throws(InvalidValue) in try choice(value.text, of: choices) }
    }

    static func template(_ value: SettingInput) throws(InvalidValue) -> Template? {
        Template(rawValue: try choice(value.text, of: Template.allCases.map(\.rawValue)))
    }

    /// Parses the only value of `rebuild`.
    static func rebuild(_ value: SettingInput) throws(InvalidValue) -> Bool {
        try choice(value.text, of: ["factory"]) == "factory"
    }

    private static func choice(_ text: String, of choices: [String]) throws(InvalidValue) -> String {
        guard choices.contains(text) else {
            throw InvalidValue(
                "must be one of \(choices.joined(separator: ", "))",
                hint: nearest(text, among: choices).map { "did you mean \($0)?" })
        }
        return text
    }

    static func number(in range: ClosedRange<Int>) -> ValueParser<Int> {
        { (value) throws(InvalidValue) in
            guard let number = Int(value.text), range.contains(number) else {
                throw InvalidValue("must be a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    /// A duration above zero.
    static func duration(hint: String) -> ValueParser<Duration> {
        { (value) throws(InvalidValue) in try require(Duration(text: value.text), hint) }
    }

    /// A duration that may be zero.
    static func wait(hint: String) -> ValueParser<Duration> {
        { (value) throws(InvalidValue) in try require(Duration(waiting: value.text), hint) }
    }

    private static func require(_ duration: Duration?, _ hint: String) throws(InvalidValue) -> Duration {
        guard let duration else { throw InvalidValue("is not a valid duration", hint: hint) }
        return duration
    }

    static func sleepTime(_ value: SettingInput) throws(InvalidValue) -> SleepTime {
        guard let time = SleepTime(value.text) else {
            throw InvalidValue("is not a valid duration", hint: "use 1h, 2d or never")
        }
        return time
    }

    static func pattern(_ value: SettingInput) throws(InvalidValue) -> String {
        guard !value.text.split(separator: "/").contains(where: { $0 == ".." || $0 == "!.." }) else {
            throw InvalidValue(
                "points outside the tree", hint: "use a pattern relative to its root, without ..")
        }
        return value.text
    }

    static func directory(_ value: SettingInput) throws(InvalidValue) -> Path {
        guard let path = Path(tidy: value.text) else { throw InvalidValue("points outside the source") }
        try requireRelative(path, value.text)
        return path
    }

    static func file(_ value: SettingInput) throws(InvalidValue) -> Path {
        guard let path = Path(tidy: value.text), !path.isRoot else {
            throw InvalidValue("is not the path of a file inside the source")
        }
        try requireRelative(path, value.text)
        return path
    }

    /// Rejects an absolute path, which cannot be inside the source.
    private static func requireRelative(_ path: Path, _ text: String) throws(InvalidValue) {
        guard text.hasPrefix("/"), !path.isRoot else { return }
        throw InvalidValue(
            "is an absolute path; paths are relative to the root of the source", hint: "use \(path)")
    }

    /// Parses the address of a source. The URL is parsed here so that an invalid one fails before any
    /// request is sent.
    static func source(_ value: SettingInput) throws(InvalidValue) -> Target.Sourced {
        if let reason = SourceAddress(value.text).objection(isFromOutside: value.origin.isFromSource) {
            throw InvalidValue(
                "is not a valid source: \(reason)",
                hint: "use a path, https://host/owner/name, ssh://git@host/owner/name or git@host:owner/name")
        }
        return sourced(value)
    }

    static func branch(_ value: SettingInput) throws(InvalidValue) -> BranchMapping {
        guard let mapping = BranchMapping(value.text) else {
            throw InvalidValue(
                "is not a valid branch, tag or commit id",
                hint: "use FROM:TO, as in webai2hf:main; git rev-parse prints the id of any other revision")
        }
        return mapping
    }

    /// Parses a reference to a token. The error is the same for a literal token, which must not be in
    /// a settings file.
    static func token(_ value: SettingInput) throws(InvalidValue) -> TokenReference {
        guard let token = TokenReference(value.text, origin: value.origin) else {
            throw InvalidValue(
                "must refer to the token, not contain it",
                hint: "use token = env:NAME or token = file:PATH")
        }
        return token
    }

    static func image(_ value: SettingInput) throws(InvalidValue) -> ImageReference {
        do throws(ImageReference.ParseError) { return try ImageReference(value.text) } catch {
            throw InvalidValue(error.reason, hint: error.fix)
        }
    }

    static func environmentVariable(_ value: SettingInput) throws(InvalidValue) -> ContainerSettings.Variable
    {
        do throws(DeployError) { return try ContainerSettings.Variable(value.text) } catch {
            throw withoutKey(error, value)
        }
    }

    static func command(_ value: SettingInput) throws(InvalidValue) -> String {
        do throws(DeployError) { _ = try ShellCommand.words(of: value.text) } catch {
            throw withoutKey(error, value)
        }
        return value.text
    }

    static func port(_ value: SettingInput) throws(InvalidValue) -> Int {
        guard let port = Int(value.text), (1...65_535).contains(port) else {
            throw InvalidValue("is not a valid port", hint: "use a number from 1 to 65535")
        }
        return port
    }

    static func card(_ value: SettingInput) throws(InvalidValue) -> String {
        do throws(CardError) { _ = try CardSetting(value.text) } catch {
            throw InvalidValue("is not a valid KEY: VALUE of the card", hint: "use card = app_port: 7860")
        }
        return value.text
    }

    /// Returns the error without the key and value at the start of its message.
    private static func withoutKey(_ error: DeployError, _ value: SettingInput) -> InvalidValue {
        let starts = ["\(value.key) = \(value.text): ", "\(value.key): ", "\(value.key) "]
        let start = starts.first { error.message.hasPrefix($0) } ?? ""
        return InvalidValue(String(error.message.dropFirst(start.count)), hint: error.hint)
    }

    static func variable(_ value: SettingInput) throws(InvalidValue) -> Target.ConfiguredVariable {
        try configuredVariable(value, isSecret: false)
    }

    static func secret(_ value: SettingInput) throws(InvalidValue) -> Target.ConfiguredVariable {
        try configuredVariable(value, isSecret: true)
    }

    private static func configuredVariable(_ value: SettingInput, isSecret: Bool)
        throws(InvalidValue) -> Target.ConfiguredVariable
    {
        let reference: ValueReference
        do throws(DeployError) { reference = try ValueReference(value.text, isSecret: isSecret) } catch {
            throw InvalidValue(error.message, hint: error.hint)
        }
        guard reference.location != .standardInput else {
            throw InvalidValue("cannot be read from standard input", hint: "use env:NAME or file:PATH")
        }
        return Target.ConfiguredVariable(reference: reference, origin: value.origin)
    }

    static func hardware(_ value: SettingInput) throws(InvalidValue) -> String {
        guard value.text.utf8.allSatisfy({ $0.isWord || $0 == .dash }) else {
            throw InvalidValue(
                "is not a valid hardware type", hint: "run spacesync hardware to list all types")
        }
        return value.text
    }

    static func deleteLimit(_ value: SettingInput) throws(InvalidValue) -> DeleteLimit {
        guard let limit = DeleteLimit(value.text) else {
            throw InvalidValue("is not a number or percentage", hint: "use 20 or 30%")
        }
        return limit
    }

    static func probe(_ value: SettingInput) throws(InvalidValue) -> Probe {
        do throws(DeployError) { return try Probe(value.text) } catch {
            throw InvalidValue(error.message, hint: error.hint)
        }
    }

    static func probeHeader(_ value: SettingInput) throws(InvalidValue) -> ProbeHeader {
        do throws(DeployError) { return try ProbeHeader(value.text, from: value.origin) } catch {
            throw InvalidValue(error.message, hint: error.hint)
        }
    }

    static func webhook(_ value: SettingInput) throws(InvalidValue) -> Target.Sourced {
        guard ["env:", "https://", "http://"].contains(where: { value.text.hasPrefix($0) }) else {
            throw InvalidValue(
                "is not a valid URL", hint: "use https://…, or env:NAME to keep the URL out of the file")
        }
        return sourced(value)
    }
}
