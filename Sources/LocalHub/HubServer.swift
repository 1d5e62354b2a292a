import Essentials
import HTTPServer

/// An emulator of the Hugging Face Hub on a loopback address: Spaces with real Git over HTTP, the
/// API, LFS, logs, and simulated builds.
///
/// Additional control routes: `GET|DELETE /_hub/requests` (see `RequestLog`), `GET|POST|DELETE
/// /_hub/faults` (see `FaultInjector`), `POST /_hub/stage` `{"space", "stage", "errorMessage"?}`. A
/// `.hub.json` in the pushed tree scripts the build and the app (see `HubScenario`). Apps are
/// served at `http://SUBDOMAIN.localhost:PORT`.
package struct HubServer: Sendable {
    /// `http://127.0.0.1:PORT`. `localhost` and `SUBDOMAIN.localhost` resolve to the same server.
    package let url: URL
    private let server: Server
    private let registry: SpaceStore

    /// Starts a Hub, and creates its root directory if it does not exist. Throws `HubStartError`,
    /// `SystemError` or an error of the file system.
    package static func start(_ options: HubOptions) async throws -> HubServer {
        var options = options
        options.root = try HubDirectory.prepare(options.root)
        try PreReceiveHook.install(in: options.root)
        let searchPath = ProcessInfo.processInfo.environment["PATH"]
        let git = try await GitProgram(root: options.root, searchPath: searchPath)
        let listener = try Listener(port: options.port)
        let authority = "localhost:\(listener.port)"
        let registry = try SpaceStore(options, git: git, authority: authority)
        await registry.resume()
        let hub = HubContext(
            registry: registry, tokenStore: TokenStore(options.tokens), options: options,
            authority: authority,
            links: PresignedURLs(lifetime: options.linkLifetime))
        let requestHandler = HubRequestHandler(hub: hub)
        var serverOptions = Server.Options()
        serverOptions.connectionLimit = Server.Options.connectionsForDescriptors(
            perConnection: 10, reserved: 24)
        serverOptions.observer = { await requestHandler.requestLog.record($0) }
        let server = Server(listener, serverOptions) { await requestHandler.handle($0) }
        guard let url = URL(string: "http://127.0.0.1:\(listener.port)") else {
            throw HubStartError("no URL")
        }
        return HubServer(url: url, server: server, registry: registry)
    }

    /// Stops the server and all builds. The root directory is kept.
    package func stop() async {
        await server.stop()
        await registry.stop()
    }
}

/// The root directory of a local Hub, accessible only to its owner because it contains private
/// Spaces.
enum HubDirectory {
    /// The directories that a local Hub creates in its root.
    private static let reservedNames: Set = ["spaces", "pushes", "hooks"]

    /// Creates the directory with mode 0700, or sets that mode on an empty directory and on the
    /// root of an earlier Hub. Any other existing directory keeps its mode (`--root /srv` must not
    /// close /srv), and only the directories that the Hub creates in it get mode 0700. Returns the
    /// path without symbolic links, because Git resolves an alternate object directory.
    static func prepare(_ root: URL) throws -> URL {
        let manager = FileManager.default
        try manager.createDirectory(
            at: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let resolved = root.resolvingSymlinksInPath().standardizedFileURL
        let names = try manager.contentsOfDirectory(atPath: resolved.path)
        if names.isEmpty || !reservedNames.isDisjoint(with: names) { try close(resolved) }
        for name in reservedNames {
            let directory = resolved.appendingPathComponent(name)
            try manager.createDirectory(at: directory, withIntermediateDirectories: true)
            try close(directory)
        }
        return resolved
    }

    /// Sets mode 0700.
    private static func close(_ directory: URL) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.path)
    }
}

/// The configuration of a local Hub.
package struct HubOptions: Sendable {
    /// The directory for repositories, LFS objects and the state of the Spaces. It persists between
    /// runs.
    package var root: URL
    /// The TCP port; 0 for a free port chosen by the system.
    package var port: UInt16 = 0
    /// Configured tokens, in addition to the rule for unknown tokens (see `TokenStore`).
    package var tokens: [TokenEntry] = []
    /// The names of organisations, with the users who can write to them.
    package var organizations: [String: Set<String>] = [:]
    package var buildTiming = BuildTiming()
    /// Whether the body of a `git-upload-pack` request is never decompressed, as on the real Hub,
    /// so that Git's own requests above 1024 bytes fail (`expected 'packfile'`).
    package var ignoresGzip = true
    /// Whether the Git server supports `filter`, `shallow` and wants of any object id. If false,
    /// clients have to fall back.
    package var offersPartialFetches = true
    /// Whether the accounts have a PRO subscription. If false, creating a Docker or Gradio Space
    /// fails with 402.
    package var isPro = true
    /// Requests allowed per account and bucket within `rateWindow`.
    package var rateLimit = 100_000
    /// The length of the rate limit's fixed window, as a whole number of seconds.
    package var rateWindow: Duration = .seconds(300)
    /// Whether the build log stream ends with the build. If false, it stays open.
    package var closesBuildLogs = true
    /// The interval between keep-alive comments in an event stream.
    package var keepAliveInterval: Duration = .seconds(10)

    /// The part size in bytes. Larger LFS objects are uploaded in parts if the client supports
    /// multipart transfers.
    package var partSize = 64 << 20
    /// The lifetime of a presigned URL. git-lfs rejects URLs that expire within five seconds.
    package var linkLifetime: Duration = .seconds(900)

    package init(root: URL) { self.root = root }
}

/// Default durations of simulated builds. `.hub.json` in the pushed tree overrides them.
package struct BuildTiming: Sendable {
    /// The time after a push during which the API still reports the old stage.
    package var lag: Duration = .milliseconds(30)
    /// The duration of the complete build, independent of its number of steps.
    package var build: Duration = .milliseconds(120)
    /// The time from the end of the build until the app is healthy.
    package var start: Duration = .milliseconds(50)

    package init() {}
    package init(lag: Duration, build: Duration, start: Duration) {
        (self.lag, self.build, self.start) = (lag, build, start)
    }
}

/// The owner and name of a Space, validated by the Hub's rules: each has at most 96 letters,
/// digits, `-`, `_` and `.`, without `-` or `.` at its ends or twice in a row, and without `.git`
/// at the end. Separate from the deployer's parser, so that tests against this Hub verify that one.
struct HubSpaceName: Hashable, Sendable, CustomStringConvertible {
    let owner: String
    let name: String

    init?(owner: String, name: String) {
        guard Self.isAllowed(owner), Self.isAllowed(name) else { return nil }
        (self.owner, self.name) = (owner, name)
    }

    /// Parses `owner/name`, or `spaces/owner/name` as in Git URLs and repository routes. `nil` if
    /// it is invalid.
    init?(_ text: some StringProtocol) {
        var parts = text.split(separator: "/").map { String($0) }
        if parts.first == "spaces" { parts.removeFirst() }
        guard parts.count == 2 else { return nil }
        self.init(owner: parts[0], name: parts[1])
    }

    var description: String { "\(owner)/\(name)" }

    private static func isAllowed(_ part: String) -> Bool {
        let bytes = Array(part.utf8)
        guard (1...96).contains(bytes.count), !part.hasSuffix(".git") else { return false }
        func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") }
        for (index, byte) in bytes.enumerated() {
            let isAtEdge = index == 0 || index == bytes.count - 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                continue
            case _ where isSeparator(byte) && !isAtEdge && bytes[index + 1] != byte: continue
            default: return false
            }
        }
        return true
    }
}
