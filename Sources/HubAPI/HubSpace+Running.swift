import HTTP
import SpacesModel
import TextTools

/// What a Space's machine does (hub-api.md 4.5). Each needs the right to write, and answers with the runtime.
extension HubSpace {
    package func pause() async throws(DeployError) -> Runtime { try await change("/pause") }

    /// - Parameter sleepAfter: seconds without visits; -1 never; nil as the Hub does.
    package func setHardware(_ flavor: String, sleepAfter: Int? = nil) async throws(DeployError) -> Runtime {
        var body: [String: JSON] = ["flavor": .string(flavor)]
        body["sleepTimeSeconds"] = sleepAfter.map { .number(Double($0)) }
        return try await change("/hardware", .object(body))
    }

    /// - Parameter seconds: -1 for never. The Hub does not heed it on free hardware.
    package func setSleepTime(_ seconds: Int) async throws(DeployError) -> Runtime {
        try await change("/sleeptime", ["seconds": .number(Double(seconds))])
    }

    package func setDevMode(_ isOn: Bool) async throws(DeployError) -> Runtime {
        try await change("/dev-mode", ["enabled": .bool(isOn)])
    }

    private func change(_ verb: String, _ body: JSON? = nil) async throws(DeployError) -> Runtime {
        Runtime(try await hub.requestJSON("POST", path + verb, body, about: space.description))
    }
}
