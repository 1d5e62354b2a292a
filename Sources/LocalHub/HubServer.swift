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
        let routes = HubRoutes(
            registry: registry, tokenStore: TokenStore(options.tokens), options: options,
            authority: authority,
            links: PresignedURLs(lifetime: options.linkLifetime))
        let requestHandler = HubRequestHandler(hubRoutes: routes)
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
    private static let reservedNames: Set = ["spaces", "gates", "hooks"]

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
