import DeploySettings
import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// The URL of the Hub.
struct HubEndpoint: Hashable, Sendable, CustomStringConvertible {
    let url: URL
    let host: String
    let isLoopback: Bool

    static let standard = "https://huggingface.co"

    /// Uses `HF_ENDPOINT`, then `spacesync.endpoint`, then huggingface.co.
    /// - Throws: kind `settings` if the URL is invalid or would send a token unencrypted; kind
    /// `permissionDenied` if a repository's configuration sets the endpoint without a token in the
    /// same file.
    init(_ environment: CommandEnvironment, _ operators: OperatorSettings) throws(DeployError) {
        if let text = environment["HF_ENDPOINT"] {
            try self.init(text, from: "HF_ENDPOINT")
        } else if let setting = operators.endpoint {
            if let file = Self.restricting(environment, operators),
                !operators.accountOrigins.values.contains(file)
            {
                throw Self.withoutToken(setting)
            }
            try self.init(setting.value, from: "spacesync.endpoint")
        } else {
            try self.init(Self.standard, from: "the default")
        }
    }

    /// Returns the file that sets the endpoint if only tokens of the same file may be sent there: a
    /// repository's configuration, which may have been downloaded with it. `nil` if the operator
    /// chose the endpoint.
    static func restricting(_ environment: CommandEnvironment, _ operators: OperatorSettings)
        -> SettingOrigin?
    {
        guard environment["HF_ENDPOINT"] == nil, let origin = operators.endpoint?.origin else { return nil }
        if case .repository = origin { return origin }
        return nil
    }

    private static func withoutToken(_ setting: Target.Sourced) -> DeployError {
        DeployError(
            .permissionDenied,
            "spacesync.endpoint in \(setting.origin) is used only with a token from the same file",
            details: ["no other token is sent to \(setting.value.redactedURL)"],
            hint: "run git config account.OWNER.token env:NAME\n"
                + "or, if you trust the endpoint, set it for this run: HF_ENDPOINT=\(setting.value.redactedURL)"
        )
    }

    private init(_ text: String, from name: String) throws(DeployError) {
        var trimmed = text[...]
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        let parsed: RemoteURL
        do throws(InvalidURL) { parsed = try RemoteURL(trimmed) } catch {
            let isBare = !trimmed.contains("://") && (try? RemoteURL("http://\(trimmed)")) != nil
            throw DeployError(
                .settings, "\(name) is not a valid Hub URL: \(error.reason)",
                hint: isBare ? "add http:// or https:// at the start" : "use https://huggingface.co")
        }
        guard ["http", "https"].contains(parsed.scheme), parsed.user == nil, parsed.hasPathOnly,
            let url = URL(parsed)
        else {
            throw DeployError(
                .settings,
                "\(name) is not a valid Hub URL: only http or https, a host and a path are allowed",
                hint: "use https://huggingface.co")
        }
        (self.url, host, isLoopback) = (url, parsed.origin.host, parsed.origin.isLoopback)
        guard parsed.origin.allowsCredentials else {
            throw DeployError(
                .settings, "\(name) = \(parsed.text): a token would be sent unencrypted",
                hint: "use https:// or a loopback address")
        }
    }

    /// Whether the endpoint is huggingface.co.
    var isHub: Bool { description == Self.standard }
    var description: String { url.absoluteString }

    /// The Hub as part of a file name: the host, and the port if it is not the scheme's default
    /// (`127.0.0.1_8080`), so that two Hubs on one machine share no lock and no state.
    var fileName: String {
        let origin = Origin(url).map { "\($0)" } ?? host
        return String(origin.lowercased().map { $0 == ":" || $0 == "/" ? "_" : $0 })
    }
}

extension NetworkSettings {
    /// Reads network settings from the environment and from Git's configuration.
    /// - Parameter repositoryEntries: the configuration of the current repository.
    init(_ environment: CommandEnvironment, repositoryEntries: [ConfigEntry] = []) {
        let ignoresSystem = ["1", "true", "yes", "on"].contains(
            environment["GIT_CONFIG_NOSYSTEM"]?.lowercased())
        let entries = (readUserConfiguration(withoutSystem: ignoresSystem) + repositoryEntries).filter {
            ["http", "url"].contains($0.section)
        }
        let git = entries.compactMap { entry in
            entry.value.map {
                Entry(section: entry.section, subsection: entry.subsection, key: entry.key, value: $0)
            }
        }
        self.init(environment: environment.variables, git: git)
    }
}

extension ResolvedSettings {
    /// Proxies, certificates and URL rewrites. The repository's own configuration counts as the
    /// operator's.
    func network(_ environment: CommandEnvironment) -> NetworkSettings {
        let repositoryLayers = layers.filter { if case .repository = $0.origin { true } else { false } }
        return NetworkSettings(environment, repositoryEntries: repositoryLayers.flatMap(\.entries))
    }

    /// Whether the setting comes from a file that another person may have written.
    func isForeign(_ origin: SettingOrigin) -> Bool {
        guard case .sourceFile = origin else { return false }
        return layers.contains { $0.origin == origin && $0.trustLevel != .ownWorkTree }
            || !layers.contains { $0.origin == origin }
    }
}
