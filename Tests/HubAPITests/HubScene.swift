import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

/// A scripted Hub with one Space.
struct Scene {
    let server: ScriptedServer
    let hub: HubClient
    let space: HubSpace
    let meter = TrafficCounter()
    let clock = EagerClock()

    /// - Parameter token: `nil` if requests are anonymous. The default does not look like a real token.
    init(token: String? = "sesame", retries: Int = 0, _ scripts: [ScriptedServer.Step]...) throws {
        server = try ScriptedServer(scripts: scripts)
        var options = HTTPClientOptions()
        (options.clock, options.retries, options.idleTimeout) = (clock, retries, .seconds(10))
        hub = HubClient(
            HTTPClient(options), endpoint: server.url("/"), token: token.flatMap { Secret($0) }, meter: meter)
        let id = try #require(SpaceID("me/app"))
        space = HubSpace(hub, id, clock: clock)
    }

    /// Returns the error of a call that must fail.
    func failure(_ call: () async throws -> Void) async throws -> DeployError {
        try #require(await #expect(throws: DeployError.self) { try await call() })
    }
}

/// Returns a JSON response.
func json(_ body: String, _ status: String = "200 OK", _ headers: [String] = []) -> ScriptedServer.Step {
    answer(status, ["Content-Type: application/json; charset=utf-8"] + headers, body)
}

/// A thread-safe list of log lines in the order received.
final class Lines: Sendable {
    private let heard = Mutex<[LogLine]>([])
    var all: [LogLine] { heard.withLock { $0 } }
    var texts: [String] { all.map(\.text) }
    func add(_ line: LogLine) { heard.withLock { $0.append(line) } }
}
