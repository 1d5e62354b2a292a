import ContainerRegistry
import DeploySettings
import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// Resolves the Hub token for a Space, in the order of design 3.
struct TokenResolver: Sendable {
    private let environment: CommandEnvironment
    private let operators: OperatorSettings
    private let tokenFile: String?
    /// The file that sets the endpoint, if only its own `[account]` tokens may be used; `nil` if
    /// all tokens may.
    private let onlyFile: SettingOrigin?
    private let files: TokenFiles?

    struct FoundToken: Sendable {
        var secret: Secret
        /// The location where the token was found, for messages; never the token.
        var origin: String
        /// Whether a CI job exchanged its identity for the token.
        var isExchanged = false
        /// Whether the token may be valid for only one Space.
        var isSpaceScoped = false
    }

    /// - Parameter files: warns about token files that other users can read; if `nil`, there are no
    /// warnings.
    init(
        _ environment: CommandEnvironment, _ operators: OperatorSettings = OperatorSettings(),
        tokenFile: String? = nil,
        files: TokenFiles? = nil
    ) {
        onlyFile = HubEndpoint.restricting(environment, operators)
        (self.environment, self.tokenFile, self.files) = (environment, tokenFile, files)
        var operators = operators
        if let onlyFile {
            operators.accounts = operators.accounts.filter { operators.accountOrigins[$0.key] == onlyFile }
        }
        self.operators = operators
    }

    /// Whether the endpoint is set by a repository's configuration, so that only tokens of the same
    /// file may be used.
    var isRestricted: Bool { onlyFile != nil }

    /// Returns the token for repositories of the owner.
    /// - Throws: kind `permissionDenied` if a configured location has no valid token.
    func token(for owner: String) throws(DeployError) -> FoundToken? {
        if let ownerToken = try lookUpToken([owner]) { return ownerToken }
        return try defaultToken()
    }

    /// Returns the token configured for this Space: `--token-file`, `[account "owner/name"]` (a
    /// fine-grained token may be valid for only one Space), `[account "owner"]`, `HF_USER`.
    /// - Throws: kind `permissionDenied` if a configured location has no valid token.
    func specificToken(_ space: SpaceID) throws(DeployError) -> FoundToken? {
        try lookUpToken([space.description, space.owner])
    }

    private func lookUpToken(_ names: [String]) throws(DeployError) -> FoundToken? {
        if let tokenFile, !isRestricted {
            return try read(
                file: environment.absolute(tokenFile), named: "--token-file \(tokenFile)", for: .hub)
        }
        for name in names {
            if let reference = operators.accounts[name.lowercased()] {
                var token = try read(reference, of: name, for: .hub)
                token.isSpaceScoped = name.contains("/")
                return token
            }
        }
        if isRestricted { return nil }
        let match = users.first { user in names.contains { $0.lowercased() == user.name.lowercased() } }
        return try match.flatMap { (user) throws(DeployError) in try token(of: user) }
    }

    private func token(of user: (name: String, token: String?)) throws(DeployError) -> FoundToken? {
        guard let text = user.token else { return nil }
        return try TokenText(text, from: "HF_USER").secret().map { FoundToken(secret: $0, origin: "HF_USER") }
    }

    /// Returns the token for Spaces with no specific one: the environment's, then that of `hf`.
    /// - Throws: kind `permissionDenied` if the first of them is not a valid token.
    func defaultToken() throws(DeployError) -> FoundToken? {
        if isRestricted { return nil }
        for name in Self.variables {
            if let text = environment[name], let secret = try TokenText(text, from: name).secret() {
                return FoundToken(secret: secret, origin: name)
            }
        }
        return try hfClientToken()
    }

    /// The configured accounts with their tokens, by name. Accounts with no valid token are left
    /// out.
    var namedTokens: [(name: String, token: FoundToken)] {
        configuredTokens.compactMap { name, token in (try? token.get()).map { (name, $0) } }
    }

    /// The configured accounts with their tokens or the errors of reading them, by name.
    var configuredTokens: [(name: String, token: Result<FoundToken, DeployError>)] {
        let accounts = operators.accounts.sorted { $0.key < $1.key }.map { name, reference in
            (name, Result { () throws(DeployError) in try read(reference, of: name, for: .hub) })
        }
        let listed = users.compactMap { user -> (String, Result<FoundToken, DeployError>)? in
            do throws(DeployError) {
                return try token(of: user).map { (user.name, .success($0)) }
            } catch {
                return (user.name, .failure(error))
            }
        }
        return isRestricted ? accounts : accounts + listed
    }

    /// Whether spacesync itself uses the variable's value as a credential.
    func isCredential(variable name: String) -> Bool {
        let others = [
            "HF_USER", "HF_OIDC_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITHUB_TOKEN",
        ]
        let references = Array(operators.accounts.values) + operators.sources.values.compactMap(\.token)
        return (Self.variables + others).contains(name) || references.contains(.environment(name))
    }

    /// All Hub tokens that can be found without a request.
    var hubTokens: [Secret] {
        let file = tokenFile.flatMap { try? read(file: environment.absolute($0), named: $0, for: .hub) }
        let general = (try? defaultToken()).flatMap { $0 }
        return ([file, general].compactMap { $0 } + namedTokens.map(\.token)).map(\.secret)
    }

    static let variables = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN", "HF_API_TOKEN"]

    /// The owner of Spaces that are written without one.
    var onlyOwner: String? {
        let name = environment["HUGGINGFACE_USERNAME"] ?? (users.count == 1 ? users.first?.name : nil)
        return name.flatMap { Self.isToken($0) ? nil : $0 }
    }

    /// The account names of the environment: `HF_USERNAMES` and `HF_USER`.
    var namesInEnvironment: [String] {
        let names = (environment["HF_USERNAMES"] ?? "").split { $0 == "," || $0.isWhitespace }.map {
            String($0)
        }
        return (names + users.map(\.name)).filter { !Self.isToken($0) }
    }

    /// Whether the text looks like a token. Used as a name, a token would appear in URLs and
    /// messages.
    private static func isToken(_ name: String) -> Bool { name.redacted != name }

    /// The accounts of `HF_USER=name:token,name2:`; the token may be missing.
    private var users: [(name: String, token: String?)] {
        (environment["HF_USER"] ?? "").split(separator: ",").compactMap { entry in
            let halves = entry.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let name = halves[0].filter { !$0.isWhitespace }
            return name.isEmpty ? nil : (name, halves.count == 2 ? String(halves[1]) : nil)
        }
    }

    /// Whether HF_USER has an account without a token. The value must not be shown: it may be a
    /// token.
    var hasBareUser: Bool { users.contains { $0.token.flatMap { Secret($0) } == nil } }

    /// Returns the token for requests to a URL of a source: that of the `[source]` section of its
    /// origin, or GITHUB_TOKEN for github.com and the GitHub server of the CI job.
    /// - Parameter url: the requested URL.
    func authorization(forSource url: URL) throws(DeployError) -> Authorization? {
        guard let origin = URLOrigin(url), origin.allowsCredentials else { return nil }
        if let access = operators.sources[origin], let reference = access.token {
            let token = try read(reference, of: origin.description, for: purpose(origin))
            return .basic(user: access.username ?? "x-access-token", password: token.secret)
        }
        guard gitHubOrigins.contains(origin), let text = environment["GITHUB_TOKEN"],
            let token = try TokenText(text, from: "GITHUB_TOKEN", for: purpose(origin)).secret()
        else {
            return nil
        }
        return .basic(user: "x-access-token", password: token)
    }

    /// The origins to which GITHUB_TOKEN may be sent.
    private var gitHubOrigins: [URLOrigin] {
        let server = environment["GITHUB_SERVER_URL"].flatMap { try? RemoteURL($0) }
        let serverOrigin = server.flatMap { $0.user == nil ? $0.origin : nil }
        return [URLOrigin(scheme: "https", host: "github.com", port: 443)] + [serverOrigin].compactMap { $0 }
    }

    private func purpose(_ origin: URLOrigin) -> TokenText.Purpose {
        let endpoint = environment["HF_ENDPOINT"] ?? operators.endpoint?.value ?? HubEndpoint.standard
        return .host("\(origin)", isHub: (try? RemoteURL(endpoint))?.origin == origin)
    }

    /// Returns the credentials for a registry: those of the `[source]` section of its origin. Other
    /// tokens are never sent.
    /// - Parameter registry: the registry as written in the name of an image.
    func credentials(forRegistry registry: String) throws(DeployError) -> RegistryCredentials? {
        let names =
            registry == "docker.io" ? [registry, "index.docker.io", "registry-1.docker.io"] : [registry]
        // A registry on loopback may be used without TLS: its credentials are in
        // `[source "http://…"]`.
        let urls = names.flatMap { name in ["https://\(name)", "http://\(name)"] }
        for origin in urls.compactMap({ try? RemoteURL($0) }).map(\.origin) {
            guard let access = operators.sources[origin], let reference = access.token else { continue }
            let token = try read(reference, of: origin.description, for: purpose(origin))
            return RegistryCredentials(
                origin: origin, user: access.username ?? "x-access-token", password: token.secret)
        }
        return nil
    }

    private func read(
        _ reference: TokenReference, of owner: String, for purpose: TokenText.Purpose
    ) throws(DeployError) -> FoundToken {
        switch reference {
        case .environment(let name):
            guard let text = environment[name],
                let secret = try TokenText(text, from: name, for: purpose).secret()
            else {
                throw DeployError(
                    .permissionDenied,
                    "no token for \(owner): the environment variable \(name.withoutTokens) is not set",
                    hint:
                        "set it, or change token in [\(purpose == .hub ? "account" : "source") \"\(owner)\"]; env: requires the name of a variable"
                )
            }
            return FoundToken(secret: secret, origin: name)
        case .file(let path, let origin):
            let base = URL(fileURLWithPath: origin.description).deletingLastPathComponent().path
            return try read(file: environment.absolute(path, from: base), named: path, for: purpose)
        }
    }

    private func read(
        file path: String, named name: String, for purpose: TokenText.Purpose
    ) throws(DeployError) -> FoundToken {
        files?.check(path, named: name)
        guard let bytes = readFile(path, limit: 64 << 10) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw DeployError(
                .permissionDenied,
                exists
                    ? "cannot read the token file \(name)"
                    : "token file not found: \(name.withoutTokens)",
                hint: exists
                    ? "check its owner and mode: ls -l \(CommandHints.quoted(path))"
                    : "create a file that contains only the token and that only you can read, and use its path"
            )
        }
        let text = TokenText(String(decoding: bytes, as: UTF8.self), from: name, for: purpose)
        guard bytes.count < 4096, let secret = try text.secret() else {
            throw DeployError(
                .permissionDenied, "no token in \(name)",
                hint: "the file must contain only the token, on one line")
        }
        return FoundToken(secret: secret, origin: name)
    }

    /// Reads the token of `hf auth login` (huggingface_hub `constants.py`).
    private func hfClientToken() throws(DeployError) -> FoundToken? {
        guard let path = hfClientTokenPath, let bytes = readFile(path, limit: 4096) else { return nil }
        let text = TokenText(String(decoding: bytes, as: UTF8.self), from: path)
        guard let secret = try text.secret() else { return nil }
        files?.check(path, named: path)
        return FoundToken(secret: secret, origin: path)
    }

    private var hfClientTokenPath: String? {
        let directory = environment["HF_HOME"] ?? environment.cacheHome.map { $0 + "/huggingface" }
        return environment["HF_TOKEN_PATH"] ?? directory.map { $0 + "/token" }
    }

    /// All configured files that contain a token, with their absolute paths, for `doctor`.
    var tokenFiles: [(name: String, path: String)] {
        var files: [(name: String, path: String)] = []
        if let tokenFile { files.append(("--token-file \(tokenFile)", environment.absolute(tokenFile))) }
        let references =
            operators.accounts.sorted { $0.key < $1.key }.map(\.value)
            + operators.sources.sorted { "\($0.key)" < "\($1.key)" }.compactMap(\.value.token)
        for case .file(let path, let origin) in references {
            let base = URL(fileURLWithPath: origin.description).deletingLastPathComponent().path
            files.append((path, environment.absolute(path, from: base)))
        }
        if let path = hfClientTokenPath { files.append((path, environment.absolute(path))) }
        return files
    }
}
