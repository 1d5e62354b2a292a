import Essentials
import HTTP
import SpacesModel
import TextTools

/// A Git repository as the source of deploys, with its files, remotes and LFS endpoints.
package protocol GitSource: SourceRepository {
    /// The source's object directories, to be added to the Space's store. Complete only after a
    /// snapshot was taken.
    var objects: AlternateObjects { get async }
    /// Returns the content of a file in the top directory of a revision (`nil` for HEAD); `nil` if
    /// the file does not exist or there is no commit yet.
    /// - Throws: kind `source` if the revision is missing or the file is longer than `limit` bytes.
    func file(named name: Path, at revision: String?, limit: Int) async throws(DeployError) -> [UInt8]?
    /// Returns the LFS endpoints, from the files of a commit and the repository's configuration.
    func lfsEndpoints(of commit: Commit) async -> LFSEndpoints
}

extension GitSource {
    /// Returns false by default: only a local repository has its full history available.
    package func contains(commit: ObjectID) async -> Bool { false }

    /// Does nothing by default: the history of a local repository cannot be fetched.
    package func fetchHistory(of commit: ObjectID) async throws(DeployError) {}

    /// Throws by default: only a local repository has a work tree.
    package func workTreeFiles(at path: Path) async throws(DeployError) -> [WorkTreeFile] {
        throw DeployError(
            .settings,
            "add copies \(path) from the work tree, but the source is a URL",
            hint: "remove add, or deploy from the work tree")
    }

    package func content(of file: WorkTreeFile) async throws(DeployError) -> [UInt8] { [] }

    /// Returns `.spacesync` at HEAD, at most 64 KiB.
    package func settingsFile() async throws(DeployError) -> [UInt8]? {
        try await file(named: ".spacesync", at: nil, limit: 64 << 10)
    }
}

/// The dependencies of a source: cache, HTTP client, credentials and trust settings.
package struct SourceEnvironment: Sendable {
    package var cache: Cache
    package var client: HTTPClient
    /// Credentials for https, sent to the source's own origin only.
    package var authorization: Authorization?
    /// The credential helper, called if there is no authorization and the source requires one.
    package var helper: (@Sendable () async -> Authorization?)?
    package var meter: TrafficCounter?
    /// The allowed IP addresses of the host, restricted if the URL comes from untrusted settings.
    package var allowedAddresses = AllowedAddresses.any
    package var trusting = SafeDirectories.userConfiguration
    package var agent = "spacesync"

    package init(
        cache: Cache, client: HTTPClient, authorization: Authorization? = nil, meter: TrafficCounter? = nil
    ) {
        (self.cache, self.client) = (cache, client)
        (self.authorization, self.meter) = (authorization, meter)
    }
}

/// Opens a source by its location: a path, `file://`, `https://` (`http://` on loopback), `ssh://`
/// or `user@host:path`.
/// - Throws: kind `source`.
package func openSource(_ location: String, _ access: SourceEnvironment) async throws(DeployError)
    -> any GitSource
{
    switch SourceLocation(location) {
    case .path(let path): return try await LocalSource.open(at: path, trusting: access.trusting)
    case .web(let url): return try await RemoteSource.open(at: url, access)
    case .secureShell(let address): return try await SSHSource.open(at: address, access)
    case .unencrypted:
        throw DeployError(
            .source, "\(RepositoryName.displayName(location)) uses an unencrypted connection",
            hint: "use https; http is only allowed for loopback addresses")
    case .invalid(let reason):
        throw DeployError(
            .source, "\(RepositoryName.displayName(location)) is not a valid source: \(reason)",
            hint: "use a path or a URL with https, ssh or file")
    case .unknown(let scheme):
        throw DeployError(
            .source, "unsupported scheme \"\(scheme)\" of source \(RepositoryName.displayName(location))",
            hint: "use a path or a URL with https, ssh or file")
    }
}

/// A parsed source location.
enum SourceLocation: Hashable {
    case path(String)
    case web(URL)
    case secureShell(String)
    case unencrypted
    case invalid(reason: String)
    case unknown(scheme: String)

    init(_ location: String) {
        switch SourceAddress(location) {
        case .file: self = .path(Self.path(of: location))
        case .url(let remote): self = Self.url(remote)
        case .invalid(let error): self = .invalid(reason: error.reason)
        case .path, .scp: self = Self.pathOrShell(location)
        }
    }

    private static func pathOrShell(_ location: String) -> SourceLocation {
        let path = location.expandingTilde
        guard let address = SourceAddress.parseSCP(location), !FileManager.default.fileExists(atPath: path)
        else {
            return .path(path)
        }
        return address.objection(isFromOutside: false).map { .invalid(reason: $0) } ?? .secureShell(location)
    }

    private static func url(_ remote: RemoteURL) -> SourceLocation {
        if let reason = SourceAddress.url(remote).objection(isFromOutside: false) {
            return .invalid(reason: reason)
        }
        switch remote.scheme {
        case "ssh", "git+ssh", "ssh+git":
            return .secureShell("ssh" + remote.text.dropFirst(remote.scheme.count))
        case "https", "http":
            guard let url = URL(remote) else { return .invalid(reason: "it cannot be parsed") }
            return remote.scheme == "https" || remote.origin.isLoopback ? .web(url) : .unencrypted
        default: return .unknown(scheme: remote.scheme)
        }
    }

    /// Returns the path of `file:///srv/x` and `file://localhost/srv/x`.
    private static func path(of location: String) -> String {
        let hostAndPath = location.dropFirst("file://".count)
        let path =
            hostAndPath.hasPrefix("localhost/") ? hostAndPath.dropFirst("localhost".count) : hostAndPath
        return path.percentDecoded ?? String(path)
    }
}

/// The display name of a repository in places that others can read: without credentials and local
/// paths.
package enum RepositoryName {
    /// Returns a URL without user, password, query and fragment (the SSH user stays, as it is part
    /// of the address), or the last component of a local path without `.git`.
    package static func displayName(_ location: String) -> String {
        if location.lowercased().hasPrefix("file://") { return lastName(String(location.dropFirst(7))) }
        return location.contains("://") || isSCP(location) ? location.redactedURL : lastName(location)
    }

    /// Returns whether the location is an scp-like URL `git@host:path`: a colon before any slash.
    static func isSCP(_ location: String) -> Bool {
        guard let colon = location.firstIndex(of: ":"), colon != location.startIndex else { return false }
        return !location[..<colon].contains("/")
    }

    private static func lastName(_ path: String) -> String {
        let names = path.split(separator: "/").filter { $0 != "." }
        let last = names.last == ".git" ? names.dropLast().last : names.last
        let name = last.map(String.init) ?? "repository"
        return name.hasSuffix(".git") ? String(name.dropLast(4)) : name
    }
}

extension URL {
    /// Converts a parsed remote URL; `nil` if Foundation parses a different origin than the strict
    /// parser.
    package init?(_ remote: RemoteURL) {
        guard let url = URL(string: remote.text), URLOrigin(url) == remote.origin else { return nil }
        self = url
    }

    /// The same URL without user and password.
    package var withoutUser: URL {
        guard let parsed = try? RemoteURL(absoluteString) else { return self }
        var bare = parsed.withoutUser.text
        if bare.hasSuffix("/") { bare.removeLast() }
        return URL(string: bare) ?? self
    }

    /// The credentials in the URL, as some services issue them.
    package var userAuthorization: Authorization? {
        guard let user, let secret = Secret(password?.percentDecoded ?? user) else { return nil }
        return .basic(user: password == nil ? "x-access-token" : user, password: secret)
    }
}

extension URLOrigin {
    /// Returns the origin of a request's URL; `nil` if the strict parser rejects the URL or parses
    /// a different origin.
    package init?(_ url: URL) {
        guard let parsed = try? RemoteURL(url.absoluteString), let origin = Origin(url),
            parsed.origin.scheme == origin.scheme, parsed.origin.host == origin.host,
            parsed.origin.port == origin.port
        else { return nil }
        self = parsed.origin
    }
}
