import Deploy

/// A flavour of hardware with its price, as the Hub tells it today: `GET /api/spaces/hardware`.
package struct Hardware: Hashable, Sendable {
    package var name: String
    package var prettyName: String
    package var cpu: String?
    package var memory: String?
    package var accelerator: String?
    /// US dollars an hour; nil when the Hub does not say.
    package var dollarsPerHour: Double?
}

extension HubClient {
    package func hardware() async throws(Failure) -> [Hardware] {
        let json = try await call("GET", "/api/spaces/hardware", about: "the list of hardware")
        return (json.array ?? []).compactMap(Hardware.init)
    }
}

extension Hardware {
    /// The Hub's price is for a minute, in millionths of a dollar or in dollars.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.string else { return nil }
        let perMinute = json["unitCostMicroUSD"]?.number.map { $0 / 1_000_000 } ?? json["unitCostUSD"]?.number
        let accelerator = json["accelerator"].flatMap { part -> String? in
            guard let model = part["model"]?.string else { return nil }
            return part["quantity"]?.string.map { "\($0) x \(model)" } ?? model
        }
        self.init(
            name: name, prettyName: json["prettyName"]?.string ?? name, cpu: json["cpu"]?.string,
            memory: json["ram"]?.string, accelerator: accelerator, dollarsPerHour: perMinute.map { $0 * 60 })
    }
}
