import Essentials
import HTTP
import SpacesModel

/// A source with what a deploy needs besides its commit.
package protocol GitSource: SourceRepository {
    /// Where its objects lie once a snapshot was taken, to be joined to the Space's store.
    var objects: AlternateObjects { get async }
    /// The content of a file in the top directory of a revision (HEAD when nil); nil when it is not there, or when
    /// there is no commit yet.
    /// - Throws: kind `source` when the revision is missing or the file is longer than `limit` bytes.
    func file(named name: Path, at revision: String?, limit: Int) async throws(DeployError) -> [UInt8]?
    /// What was learnt of its branches is old: whoever asks next is told anew.
    func forget() async
    /// Addresses of its remotes; none for a URL.
    func remoteAddresses() async -> [String]
    /// Where its LFS objects may be, as a commit of it and its configuration say.
    func lfsEndpoints(of commit: Commit) async -> LFSEndpoints
}

extension GitSource {
    /// Only a repository on this machine has its whole history at hand.
    package func contains(commit: ObjectID) async -> Bool { false }

    package func remoteAddresses() async -> [String] { [] }

    /// What lies on this machine is read anew each time.
    package func forget() async {}

    /// What lies on this machine is there, or cannot be had.
    package func fetchHistory(of commit: ObjectID) async throws(DeployError) {}

    /// Only a repository on this machine has a work tree.
    package func workTreeFiles(at path: Path) async throws(DeployError) -> [WorkTreeFile] {
        throw DeployError(
            .settings,
            "add takes \(path) from your own work tree, and the source is a URL",
            hint: "take add out, or deploy from the work tree")
    }

    package func content(of file: WorkTreeFile) async throws(DeployError) -> [UInt8] { [] }

    /// `.spacesync` at HEAD, of 64 KiB at most.
    package func settingsFile() async throws(DeployError) -> [UInt8]? {
        try await file(named: ".spacesync", at: nil, limit: 64 << 10)
    }
}

/// What a source needs of the world.
package struct SourceEnvironment: Sendable {
    package var cache: Cache
    package var client: HTTPClient
    /// For https; goes to the source's own origin alone.
    package var authorization: Authorization?
    /// Asked where there is no authorization and the source wants one.
    package var helper: (@Sendable () async -> Authorization?)?
    package var meter: TrafficCounter?
    /// Where its host may be, if a name from untrusted settings leads there.
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

/// Opens a source by what its location says: a path, `file://`, `https://` (`http://` on loopback), `ssh://` or
/// `user@host:path`.
/// - Throws: kind `source`, in words.
package func openSource(_ location: String, _ access: SourceEnvironment) async throws(DeployError)
    -> any GitSource
{
    switch SourceLocation(location) {
    case .path(let path): return try await LocalSource.open(at: path, trusting: access.trusting)
    case .web(let url): return try await RemoteSource.open(at: url, access)
    case .secureShell(let address): return try await SSHSource.open(at: address, access)
    case .unencrypted:
        throw DeployError(
            .source, "\(RepositoryName.displayName(location)) would be read unencrypted",
            hint: "use https; http is for loopback alone")
    case .invalid(let reason):
        throw DeployError(
            .source, "\(RepositoryName.displayName(location)) is not a valid source: \(reason)",
            hint: "use a path or a URL with https, ssh or file")
    case .unknown(let scheme):
        throw DeployError(
            .source, "sources cannot be read by “\(scheme)”: \(RepositoryName.displayName(location))",
            hint: "use a path or a URL with https, ssh or file")
    }
}

/// What a location means.
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
            guard let url = URL(remote) else { return .invalid(reason: "it cannot be read") }
            return remote.scheme == "https" || remote.origin.isLoopback ? .web(url) : .unencrypted
        default: return .unknown(scheme: remote.scheme)
        }
    }

    /// `file:///srv/x` and `file://localhost/srv/x`.
    private static func path(of location: String) -> String {
        let rest = location.dropFirst("file://".count)
        let path = rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest
        return path.percentDecoded ?? String(path)
    }
}
