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
    package var sources: [URLOrigin: SourceCredentials] = [:]

    package init() {}

    package struct SourceCredentials: Hashable, Sendable {
        package var token: TokenReference?
        package var username: String?
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

extension OperatorSettings {
    /// The sections of a settings file other than `[space]`.
    static let sections = ["spacesync", "account", "source"]
    static let keys = [
        "endpoint", "cache", "connectTimeout", "idleTimeout", "retries", "jobs", "hookWait", "actor",
        "reconcile", "allowSpace", "allowForce", "trust",
    ]

    static func isKey(_ name: String) -> Bool { keys.contains { $0.lowercased() == name.lowercased() } }

    /// Applies one accepted setting.
    /// - Returns: An error if the value is invalid.
    mutating func apply(_ setting: TrustedSetting) -> SettingError? {
        let entry = setting.entry
        switch entry.section {
        case "account": return applyAccount(setting)
        case "source": return applySource(setting)
        default:
            guard let value = entry.value, !value.isEmpty else { return makeError(setting, "needs a value") }
            return applyOption(entry.key, value, setting)
        }
    }

    private mutating func applyAccount(_ setting: TrustedSetting) -> SettingError? {
        guard let owner = setting.entry.subsection else {
            return makeError(setting, "needs an owner", hint: "write [account \"owner\"]")
        }
        guard setting.entry.key == "token" else { return unknownKeyError(setting, among: ["token"]) }
        guard let token = TokenReference(setting.entry.value ?? "", origin: setting.origin) else {
            return literalTokenError(setting)
        }
        accounts[owner.lowercased()] = token
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
        var credentials = sources[origin] ?? SourceCredentials()
        switch setting.entry.key {
        case "token":
            guard let token = TokenReference(setting.entry.value ?? "", origin: setting.origin) else {
                return literalTokenError(setting)
            }
            credentials.token = token
        case "username": credentials.username = setting.entry.value
        default: return unknownKeyError(setting, among: ["token", "username"])
        }
        sources[origin] = credentials
        return nil
    }

    /// Returns the origin in the name of a section: `https://Host:8443`.
    /// - Throws: `InvalidURL` with the reason.
    private static func origin(of text: String) throws(InvalidURL) -> URLOrigin {
        let url = try RemoteURL(text)
        guard url.user == nil else { throw InvalidURL(reason: "it contains a user") }
        guard url.tail.isEmpty || url.tail == "/" else {
            throw InvalidURL(reason: "only scheme, host and port count")
        }
        guard url.scheme == "https" || url.scheme == "http" && url.origin.isLoopback else {
            throw InvalidURL(reason: "a token travels only over https")
        }
        return url.origin
    }

    private mutating func applyOption(_ key: String, _ value: String, _ setting: TrustedSetting)
        -> SettingError?
    {
        switch key {
        case "endpoint": endpoint = Target.Sourced(value: value, origin: setting.origin)
        case "cache": cache = Target.Sourced(value: value, origin: setting.origin)
        case "connecttimeout": return setDuration(value, into: \.connectTimeout, setting)
        case "idletimeout": return setDuration(value, into: \.idleTimeout, setting)
        case "hookwait":
            guard let wait = Duration(waiting: value) else {
                return makeError(
                    setting, "is no length of time", hint: "write 30s, 2m or 1h30m; 0 does not wait")
            }
            hookWait = wait
        case "reconcile":
            guard let interval = Duration(waiting: value) else {
                return makeError(setting, "is no length of time", hint: "write 6h; 0: with every pass")
            }
            reconcile = interval
        case "retries":
            guard let count = Int(value), (0...20).contains(count) else {
                return makeError(setting, "must be a number from 0 to 20")
            }
            retries = count
        case "jobs":
            guard let count = Int(value), (1...32).contains(count) else {
                return makeError(setting, "must be a number from 1 to 32")
            }
            jobs = count
        case "actor": actor = value.lowercased() != "false"
        case "allowforce":
            guard let isAllowed = Target.parseBool(value) else {
                return makeError(setting, "must be true or false")
            }
            allowForce = isAllowed
        case "allowspace": allowedSpaces.append(value)
        case "trust": trustedKeys.insert(value.lowercased())
        default: return unknownKeyError(setting, among: Self.keys)
        }
        return nil
    }

    private mutating func setDuration(
        _ value: String, into path: WritableKeyPath<Self, Duration?>, _ setting: TrustedSetting
    ) -> SettingError? {
        guard let duration = Duration(text: value) else {
            return makeError(setting, "is no length of time", hint: "write 10s, 500ms or 2m")
        }
        self[keyPath: path] = duration
        return nil
    }

    private func makeError(_ setting: TrustedSetting, _ message: String, hint: String? = nil) -> SettingError
    {
        let key = [setting.entry.section, setting.entry.key].joined(separator: ".")
        return SettingError(
            setting.origin, line: setting.entry.line, key: key, value: setting.entry.value, message,
            hint: hint)
    }

    private func literalTokenError(_ setting: TrustedSetting) -> SettingError {
        // The value is not shown, as it may be a token.
        SettingError(
            setting.origin, line: setting.entry.line, key: "\(setting.entry.section).token", value: nil,
            "a token does not stand in a settings file", hint: "write token = env:NAME or token = file:PATH")
    }

    private func unknownKeyError(_ setting: TrustedSetting, among keys: [String]) -> SettingError {
        let isSpaceKey = setting.entry.section == "spacesync" && SettingKey.named(setting.entry.key) != nil
        let hint =
            isSpaceKey
            ? "write it into a [space] section"
            : nearest(setting.entry.key, among: keys).map { "did you mean \($0)?" }
        var problem = makeError(setting, "is no key of [\(setting.entry.section)]", hint: hint)
        // In the sections `account` and `source`, the value of a misspelt key may be a token.
        if setting.entry.section != "spacesync" { problem.value = nil }
        return problem
    }
}
