import SpacesModel
import TextTools

/// The settings that only the operator may set: `[spacesync]`, `[account "owner"]`, `[source
/// "https://host"]`.
package struct OperatorSettings: Hashable, Sendable {
    package var endpoint: Target.Sourced?
    package var cache: Target.Sourced?
    package var connectTimeout: Duration?
    package var idleTimeout: Duration?
    package var retries: Int?
    /// The maximum number of concurrent transfers.
    package var jobs = 4
    /// How long the hook makes `git push` wait for the deploy.
    package var hookWait = Duration.seconds(30)
    /// How often a mirror compares variables, secrets and hardware of Spaces without new commits.
    package var reconcile = Duration.seconds(6 * 3600)
    /// Whether a pusher may override guards (`git push -o spacesync.force`).
    package var allowForce = true
    /// Whether the commits name who deployed.
    package var actor = true
    package var allowedSpaces: [String] = []
    package var trustedKeys: Set<String> = []
    /// The tokens by owner, lower case.
    package var accounts: [String: TokenReference] = [:]
    /// The origins of `accounts`: a token may be sent only to an endpoint of the same file.
    package var accountOrigins: [String: SettingOrigin] = [:]
    /// The credentials of sources by origin: a token for `https://host` is sent neither to
    /// `http://host` nor to another port.
    package var sources: [URLOrigin: Credentials] = [:]

    package init() {}

    /// The credentials in a section: a token, and the user to send with it.
    package struct Credentials: Hashable, Sendable {
        package var token: TokenReference?
        package var username: String?
    }

    /// The sections of a settings file other than `[space]`.
    enum Section: String, CaseIterable {
        case spacesync, account, source
    }

    /// A key of an operator's section.
    struct Key<Root>: Sendable {
        /// The key as documented. Git compares keys without case.
        let name: String
        let field: SettingField<Root>
        /// Whether an invalid value may be a secret.
        let isSecret: Bool

        init(_ name: String, _ field: SettingField<Root>, isSecret: Bool = false) {
            (self.name, self.field, self.isSecret) = (name, field, isSecret)
        }
    }

    /// The keys of `[spacesync]`: the implemented part of the table in design.md 3.3.
    static let keys: [Key<OperatorSettings>] = [
        Key("endpoint", .single(\.endpoint, SettingParser.sourced)),
        Key("cache", .single(\.cache, SettingParser.sourced)),
        Key(
            "connectTimeout",
            .single(\.connectTimeout, SettingParser.duration(hint: "use 10s, 500ms or 2m"))),
        Key("idleTimeout", .single(\.idleTimeout, SettingParser.duration(hint: "use 10s, 500ms or 2m"))),
        Key("retries", .single(\.retries, SettingParser.number(in: 0...20))),
        Key("jobs", .single(\.jobs, SettingParser.number(in: 1...32))),
        Key(
            "hookWait",
            .single(\.hookWait, SettingParser.wait(hint: "use 30s, 2m or 1h30m; 0 means no waiting"))),
        Key("actor", .single(\.actor, SettingParser.flag)),
        Key(
            "reconcile", .single(\.reconcile, SettingParser.wait(hint: "use 6h; 0 means every pass"))),
        Key("allowSpace", .list(\.allowedSpaces, SettingParser.text)),
        Key("allowForce", .single(\.allowForce, SettingParser.permission)),
        Key("trust", .set(\.trustedKeys) { $0.text.lowercased() }),
    ]

    static let accountKeys = [
        Key<Credentials>("token", .single(\.token, SettingParser.token), isSecret: true)
    ]

    static let sourceKeys =
        accountKeys + [Key<Credentials>("username", .single(\.username) { $0.written }, isSecret: true)]

    static func isKey(_ name: String) -> Bool { keys.contains { $0.name.lowercased() == name.lowercased() } }

    /// Applies one accepted setting; those of other sections are ignored.
    /// - Returns: An error if the value is invalid.
    mutating func apply(_ setting: TrustedSetting) -> SettingError? {
        switch Section(rawValue: setting.entry.section) {
        case nil: nil
        case .spacesync:
            if setting.entry.value?.isEmpty ?? true {
                Self.makeError(setting, "requires a value")
            } else {
                Self.write(setting, Self.keys, into: &self)
            }
        case .account: applyAccount(setting)
        case .source: applySource(setting)
        }
    }

    private mutating func applyAccount(_ setting: TrustedSetting) -> SettingError? {
        guard let owner = setting.entry.subsection else {
            return Self.makeError(setting, "requires an owner", hint: "use [account \"owner\"]")
        }
        var credentials = Credentials()
        if let error = Self.write(setting, Self.accountKeys, into: &credentials) { return error }
        accounts[owner.lowercased()] = credentials.token
        accountOrigins[owner.lowercased()] = setting.origin
        return nil
    }

    private mutating func applySource(_ setting: TrustedSetting) -> SettingError? {
        let text = setting.entry.subsection ?? ""
        let origin: URLOrigin
        do throws(InvalidURL) { origin = try Self.origin(of: text) } catch {
            return SettingError(
                setting.origin, line: setting.entry.line,
                key: text.isEmpty ? "[source]" : "[source \"\(text.redactedURL)\"]", value: nil,
                "is not an origin: \(error.reason)", hint: "use [source \"https://git.example.com\"]")
        }
        var credentials = sources[origin] ?? Credentials()
        if let error = Self.write(setting, Self.sourceKeys, into: &credentials) { return error }
        sources[origin] = credentials
        return nil
    }

    /// Returns the origin in the name of a section: `https://Host:8443`.
    /// - Throws: `InvalidURL` with the reason.
    private static func origin(of text: String) throws(InvalidURL) -> URLOrigin {
        let url = try RemoteURL(text)
        guard url.user == nil else { throw InvalidURL(reason: "it contains a user") }
        guard url.tail.isEmpty || url.tail == "/" else {
            throw InvalidURL(reason: "only scheme, host and port are allowed")
        }
        guard url.scheme == "https" || url.scheme == "http" && url.origin.isLoopback else {
            throw InvalidURL(reason: "a token is only sent over https")
        }
        return url.origin
    }

    /// Parses the value by the row of its key and writes it.
    private static func write<Root>(_ setting: TrustedSetting, _ keys: [Key<Root>], into root: inout Root)
        -> SettingError?
    {
        let entry = setting.entry
        guard let key = keys.first(where: { $0.name.lowercased() == entry.key }) else {
            return unknownKeyError(setting, among: keys.map(\.name))
        }
        do throws(InvalidValue) {
            try key.field.write(
                SettingInput(key: key.name, written: entry.value, origin: setting.origin), &root)
            return nil
        } catch {
            var problem = makeError(setting, error.message, hint: error.hint)
            if key.isSecret { problem.value = nil }
            return problem
        }
    }

    private static func makeError(_ setting: TrustedSetting, _ message: String, hint: String? = nil)
        -> SettingError
    {
        let key = [setting.entry.section, setting.entry.key].joined(separator: ".")
        return SettingError(
            setting.origin, line: setting.entry.line, key: key, value: setting.entry.value, message,
            hint: hint)
    }

    private static func unknownKeyError(_ setting: TrustedSetting, among keys: [String]) -> SettingError {
        let isOption = Section(rawValue: setting.entry.section) == .spacesync
        let isSpaceKey = isOption && SettingKey.named(setting.entry.key) != nil
        let hint =
            isSpaceKey
            ? "set it in a [space] section"
            : nearest(setting.entry.key, among: keys).map { "did you mean \($0)?" }
        var problem = makeError(setting, "unknown key in [\(setting.entry.section)]", hint: hint)
        // In the sections `account` and `source`, the value of a misspelt key may be a token.
        if !isOption { problem.value = nil }
        return problem
    }
}

/// A reference to a token in the environment or a file, never the token itself.
package enum TokenReference: Hashable, Sendable {
    case environment(String)
    case file(String, SettingOrigin)

    package init?(_ text: String, origin: SettingOrigin) {
        if text.hasPrefix("env:"), text.count > 4 {
            self = .environment(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:"), text.count > 5 {
            self = .file(String(text.dropFirst(5)), origin)
        } else {
            return nil
        }
    }
}
