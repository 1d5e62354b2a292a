import SpacesModel
import TextTools

/// What only the operator's side sets: `[spacesync]`, `[account "owner"]`, `[source "https://host"]`.
package struct OperatorSettings: Hashable, Sendable {
    package var endpoint: Target.Sourced?
    package var cache: Target.Sourced?
    package var connectTimeout: Duration?
    package var idleTimeout: Duration?
    package var retries: Int?
    /// Transfers at a time.
    package var jobs = 4
    /// How long a hook keeps its pusher waiting.
    package var hookWait = Duration.seconds(30)
    /// How often a mirror compares variables, secrets and hardware of what it need not push.
    package var reconcile = Duration.seconds(6 * 3600)
    /// Whether who pushes to a hook may pass guards (`git push -o spacesync.force`).
    package var allowForce = true
    /// Whether commits say who deployed.
    package var actor = true
    package var allowedSpaces: [String] = []
    package var trustedKeys: Set<String> = []
    /// By owner, lower case.
    package var accounts: [String: TokenReference] = [:]
    /// The origins of `accounts`: a token may be sent only to an endpoint of the same file.
    package var accountOrigins: [String: SettingOrigin] = [:]
    /// By origin: a token for `https://host` is sent neither to `http://host` nor to another port.
    package var sources: [URLOrigin: SourceCredentials] = [:]

    package init() {}

    package struct SourceCredentials: Hashable, Sendable {
        package var token: TokenReference?
        package var username: String?
    }
}

/// Where a token is to be found; never the token.
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
    /// Sections of settings besides `[space]`.
    static let sections = ["spacesync", "account", "source"]
    static let keys = [
        "endpoint", "cache", "connectTimeout", "idleTimeout", "retries", "jobs", "hookWait", "actor",
        "reconcile", "allowSpace", "allowForce", "trust",
    ]

    static func isKey(_ name: String) -> Bool { keys.contains { $0.lowercased() == name.lowercased() } }

    /// Takes one admitted value; says what is wrong with it when it is not one.
    mutating func apply(_ admitted: TrustedSetting) -> SettingError? {
        let entry = admitted.entry
        switch entry.section {
        case "account": return applyAccount(admitted)
        case "source": return applySource(admitted)
        default:
            guard let value = entry.value, !value.isEmpty else { return makeError(admitted, "needs a value") }
            return applyOption(entry.key, value, admitted)
        }
    }

    private mutating func applyAccount(_ admitted: TrustedSetting) -> SettingError? {
        guard let owner = admitted.entry.subsection else {
            return makeError(admitted, "needs an owner", hint: "write [account \"owner\"]")
        }
        guard admitted.entry.key == "token" else { return unknownKeyError(admitted, among: ["token"]) }
        guard let token = TokenReference(admitted.entry.value ?? "", origin: admitted.origin) else {
            return literalTokenError(admitted)
        }
        accounts[owner.lowercased()] = token
        accountOrigins[owner.lowercased()] = admitted.origin
        return nil
    }

    private mutating func applySource(_ admitted: TrustedSetting) -> SettingError? {
        let text = admitted.entry.subsection ?? ""
        let origin: URLOrigin
        do throws(InvalidURL) { origin = try Self.origin(of: text) } catch {
            return SettingError(
                admitted.origin, line: admitted.entry.line,
                key: text.isEmpty ? "[source]" : "[source \"\(text.redactedURL)\"]", value: nil,
                "is not an origin: \(error.reason)", hint: "use [source \"https://git.example.com\"]")
        }
        var access = sources[origin] ?? SourceCredentials()
        switch admitted.entry.key {
        case "token":
            guard let token = TokenReference(admitted.entry.value ?? "", origin: admitted.origin) else {
                return literalTokenError(admitted)
            }
            access.token = token
        case "username": access.username = admitted.entry.value
        default: return unknownKeyError(admitted, among: ["token", "username"])
        }
        sources[origin] = access
        return nil
    }

    /// The origin that a section names: `https://Host:8443`.
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

    private mutating func applyOption(_ key: String, _ value: String, _ admitted: TrustedSetting)
        -> SettingError?
    {
        switch key {
        case "endpoint": endpoint = Target.Sourced(value: value, origin: admitted.origin)
        case "cache": cache = Target.Sourced(value: value, origin: admitted.origin)
        case "connecttimeout": return setDuration(value, into: \.connectTimeout, admitted)
        case "idletimeout": return setDuration(value, into: \.idleTimeout, admitted)
        case "hookwait":
            guard let wait = Duration(waiting: value) else {
                return makeError(
                    admitted, "is no length of time", hint: "write 30s, 2m or 1h30m; 0 does not wait")
            }
            hookWait = wait
        case "reconcile":
            guard let time = Duration(waiting: value) else {
                return makeError(admitted, "is no length of time", hint: "write 6h; 0: with every pass")
            }
            reconcile = time
        case "retries":
            guard let count = Int(value), (0...20).contains(count) else {
                return makeError(admitted, "must be a number from 0 to 20")
            }
            retries = count
        case "jobs":
            guard let count = Int(value), (1...32).contains(count) else {
                return makeError(admitted, "must be a number from 1 to 32")
            }
            jobs = count
        case "actor": actor = value.lowercased() != "false"
        case "allowforce":
            guard let isAllowed = Target.parseBool(value) else {
                return makeError(admitted, "must be true or false")
            }
            allowForce = isAllowed
        case "allowspace": allowedSpaces.append(value)
        case "trust": trustedKeys.insert(value.lowercased())
        default: return unknownKeyError(admitted, among: Self.keys)
        }
        return nil
    }

    private mutating func setDuration(
        _ value: String, into path: WritableKeyPath<Self, Duration?>, _ admitted: TrustedSetting
    ) -> SettingError? {
        guard let duration = Duration(text: value) else {
            return makeError(admitted, "is no length of time", hint: "write 10s, 500ms or 2m")
        }
        self[keyPath: path] = duration
        return nil
    }

    private func makeError(_ admitted: TrustedSetting, _ message: String, hint: String? = nil) -> SettingError
    {
        let key = [admitted.entry.section, admitted.entry.key].joined(separator: ".")
        return SettingError(
            admitted.origin, line: admitted.entry.line, key: key, value: admitted.entry.value, message,
            hint: hint)
    }

    private func literalTokenError(_ admitted: TrustedSetting) -> SettingError {
        // The value is not shown: it may be a token.
        SettingError(
            admitted.origin, line: admitted.entry.line, key: "\(admitted.entry.section).token", value: nil,
            "a token does not stand in a settings file", hint: "write token = env:NAME or token = file:PATH")
    }

    private func unknownKeyError(_ admitted: TrustedSetting, among keys: [String]) -> SettingError {
        let isOfSpace = admitted.entry.section == "spacesync" && SettingKey.named(admitted.entry.key) != nil
        let near =
            isOfSpace
            ? "write it into a [space] section"
            : nearest(admitted.entry.key, among: keys).map { "did you mean \($0)?" }
        var problem = makeError(admitted, "is no key of [\(admitted.entry.section)]", hint: near)
        // Under a misspelt key of these it may be a token.
        if admitted.entry.section != "spacesync" { problem.value = nil }
        return problem
    }
}
