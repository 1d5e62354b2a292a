import SpacesModel
import TextTools

extension HubClient {
    /// Fetches the hardware flavours: `GET /api/spaces/hardware`.
    package func hardware() async throws(DeployError) -> [Hardware] {
        let json = try await requestJSON("GET", "/api/spaces/hardware", about: "the list of hardware")
        return (json.array ?? []).compactMap(Hardware.init)
    }
}

extension Hardware {
    /// Parses a hardware flavour. The Hub's price is per minute, in millionths of a dollar or in dollars.
    init?(_ json: JSON) {
        guard let name = json["name"].string else { return nil }
        let perMinute = json["unitCostMicroUSD"].number.map { $0 / 1_000_000 } ?? json["unitCostUSD"].number
        let acceleratorJSON = json["accelerator"]
        let accelerator = acceleratorJSON["model"].string.map { model in
            acceleratorJSON["quantity"].string.map { "\($0) x \(model)" } ?? model
        }
        self.init(
            name: name, prettyName: json["prettyName"].string, cpu: json["cpu"].string,
            memory: json["ram"].string, accelerator: accelerator,
            price: perMinute.map { Price(dollarsPerHour: $0 * 60) })
    }
}
