import Reporting
import SpacesModel
import TextTools

extension Hardware {
    /// The price, for use in a sentence.
    var cost: String { price?.description ?? "at a price that the Hub does not tell" }

    /// Whether the hardware costs more than the current one; true if its price is unknown.
    func isMoreExpensive(than current: Hardware?) -> Bool {
        guard let price else { return true }
        return price.dollarsPerHour > (current?.price?.dollarsPerHour ?? 0)
    }

    /// For example `2 vCPU, 16 GB, 1 x T4`.
    var specification: String {
        [cpu, memory, accelerator].compactMap { $0 }.joined(separator: ", ").visible
    }

    var fields: JSON.Object {
        func dollars(_ hours: Double) -> JSON {
            price.map { .double(($0.dollarsPerHour * hours * 1000).rounded() / 1000) } ?? .null
        }
        return [
            "name": .string(name), "pretty_name": .string(prettyName), "cpu": .optional(cpu),
            "memory": .optional(memory), "accelerator": .optional(accelerator),
            "dollars_per_hour": dollars(1), "dollars_per_day": dollars(24),
            "dollars_per_month": dollars(720),
        ]
    }
}

extension [Hardware] {
    /// Returns the hardware with a name.
    /// - Throws: kind `usage` for an unknown name, with the nearest one as hint.
    func named(_ name: String) throws(DeployError) -> Hardware {
        if let found = first(where: { $0.name == name }) { return found }
        let near = nearest(name, among: map(\.name)).map { "did you mean \($0)?" }
        throw DeployError(
            .usage, "the Hub has no hardware \(name)",
            hint: near ?? "it has \(map(\.name).joined(separator: ", "))")
    }
}
