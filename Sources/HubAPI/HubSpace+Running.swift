import HTTP
import SpacesModel
import TextTools

/// Operations on a Space's runtime (hub-api.md 4.5). Each requires write permission and returns the runtime.
extension HubSpace {
    package func pause() async throws(DeployError) -> Runtime { try await change("/pause") }

    /// Sets the hardware.
    /// - Parameter sleepAfter: the seconds without requests until the Space sleeps; -1 for never; `nil`
    ///   for the Hub's default.
    package func setHardware(_ flavor: String, sleepAfter: Int? = nil) async throws(DeployError) -> Runtime {
        var body: [String: JSON] = ["flavor": .string(flavor)]
        body["sleepTimeSeconds"] = sleepAfter.map { .number(Double($0)) }
        return try await change("/hardware", .object(body))
    }

    /// Sets the sleep time. The Hub ignores it on free hardware.
    /// - Parameter seconds: -1 for never.
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
