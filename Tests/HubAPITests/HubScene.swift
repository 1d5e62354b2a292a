import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

/// A Hub that plays a script, and one Space on it.
struct Scene {
    let server: ScriptedServer
    let hub: HubClient
    let space: HubSpace
    let meter = TrafficCounter()
    let clock = EagerClock()

    /// - Parameter token: nil for nobody. The shape is none that a scanner would take for real.
    init(token: String? = "sesame", retries: Int = 0, _ scripts: [ScriptedServer.Step]...) throws {
        server = try ScriptedServer(scripts: scripts)
        var options = HTTPClientOptions()
        (options.clock, options.retries, options.idleTimeout) = (clock, retries, .seconds(10))
        hub = HubClient(
            HTTPClient(options), endpoint: server.url("/"), token: token.flatMap { Secret($0) }, meter: meter)
        let id = try #require(SpaceID("me/app"))
        space = HubSpace(hub, id, clock: clock)
    }

    /// The failure of a call that must not succeed.
    func failure(_ call: () async throws -> Void) async throws -> DeployError {
        try #require(await #expect(throws: DeployError.self) { try await call() })
    }
}

/// An answer of JSON.
func json(_ body: String, _ status: String = "200 OK", _ headers: [String] = []) -> ScriptedServer.Step {
    answer(status, ["Content-Type: application/json; charset=utf-8"] + headers, body)
}

/// Lines in the order in which they came.
final class Lines: Sendable {
    private let heard = Mutex<[LogLine]>([])
    var all: [LogLine] { heard.withLock { $0 } }
    var texts: [String] { all.map(\.text) }
    func add(_ line: LogLine) { heard.withLock { $0.append(line) } }
}
