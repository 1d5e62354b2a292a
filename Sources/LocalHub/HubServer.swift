import Essentials
import HTTPServer

/// A Hugging Face Hub on loopback: Spaces with real Git over HTTP, the API, LFS, logs, and builds that are played.
///
/// Beside the Hub's own routes: `GET|DELETE /_hub/requests` (see `RequestLog`), `GET|POST|DELETE /_hub/faults` (see
/// `FaultInjector`), `POST /_hub/stage` `{"space", "stage", "errorMessage"?}`. A `.hub.json` in the pushed tree says how a
/// build and an app are played (see `HubScenario`). Apps answer at `http://SUBDOMAIN.localhost:PORT`.
package struct HubServer: Sendable {
    /// `http://127.0.0.1:PORT`. `localhost` and `SUBDOMAIN.localhost` lead here too.
    package let url: URL
    private let server: Server
    private let registry: SpaceStore

    /// Starts on the root, which is made when it is not there. Throws `HubStartError`, `SystemError`, or what the
    /// file system says.
    package static func start(_ options: HubOptions) async throws -> HubServer {
        var options = options
        options.root = try HubDirectory.prepare(options.root)
        try PreReceiveHook.install(in: options.root)
        let search = ProcessInfo.processInfo.environment["PATH"]
        let git = try await GitProgram(root: options.root, searchPath: search)
        let listener = try Listener(port: options.port)
        let authority = "localhost:\(listener.port)"
        let registry = try SpaceStore(options, git: git, authority: authority)
        await registry.resume()
        let desk = HubRoutes(
            registry: registry, tokenStore: TokenStore(options.tokens), options: options,
            authority: authority,
            links: PresignedURLs(lifetime: options.linkLifetime))
        let front = HubRequestHandler(hubRoutes: desk)
        var wire = Server.Options()
        wire.connectionLimit = Server.Options.connectionsForDescriptors(perConnection: 10, reserved: 24)
        wire.observer = { await front.requestLog.record($0) }
        let server = Server(listener, wire) { await front.handle($0) }
        guard let url = URL(string: "http://127.0.0.1:\(listener.port)") else {
            throw HubStartError("no URL")
        }
        return HubServer(url: url, server: server, registry: registry)
    }

    /// Stops listening, ends what it started, and leaves the root as it is.
    package func stop() async {
        await server.stop()
        await registry.stop()
    }
}
