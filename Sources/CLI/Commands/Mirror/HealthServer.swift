import Essentials
import HTTPServer
import Reporting
import SpacesModel

/// The health endpoint of `mirror --every`: `GET /healthz` (200 while passes run on schedule,
/// otherwise 503 with the reason) and `GET /metrics`.
struct HealthServer: Sendable {
    let url: String
    private let server: Server

    /// - Parameter text: `[HOST:]PORT`: loopback without a host, any free port for port 0.
    /// - Throws: kind `usage` if the address is invalid or cannot be listened on.
    init(_ text: String, _ health: MirrorHealth) throws(DeployError) {
        let (host, port) = try Self.address(text)
        let listener: Listener
        do { listener = try Listener(host: host, port: port) } catch {
            throw DeployError(
                .usage, "--health \(text) cannot be listened on", details: ["\(error)"],
                hint: "take another port, or 0 for a free one")
        }
        url = "http://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(listener.port)/healthz"
        let router = Self.router(health)
        var options = Server.Options()
        options.idleLimit = .seconds(30)
        server = Server(listener, options) { try await router.handle($0) }
    }

    func close() async { await server.stop() }

    private static func router(_ health: MirrorHealth) -> Router {
        var router = Router()
        router.on("GET", "/healthz") { _ in
            health.errorMessage().map { .text($0.visible + "\n", status: 503) } ?? .text("ok\n")
        }
        router.on("GET", "/metrics") { _ in
            .text(health.metrics, type: "text/plain; version=0.0.4; charset=utf-8")
        }
        return router
    }

    private static func address(_ text: String) throws(DeployError) -> (host: String, port: UInt16) {
        let colon = text.lastIndex(of: ":")
        let host = colon.map { String(text[..<$0]) } ?? "127.0.0.1"
        guard let port = UInt16(colon.map { text[text.index(after: $0)...] } ?? text[...]), !host.isEmpty
        else {
            throw DeployError(
                .usage, "--health \(text) is no port or HOST:PORT",
                hint: "write 9464, or 0.0.0.0:9464 to be asked from elsewhere, too")
        }
        return (host == "localhost" ? "127.0.0.1" : host, port)
    }
}
