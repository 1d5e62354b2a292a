import Reporting
import SpacesModel
import TextTools

extension Hardware {
    /// For a sentence.
    var cost: String { price?.description ?? "at a price that the Hub does not tell" }

    /// Whether it is dearer than what is there now; what has no price may be.
    func isMoreExpensive(than present: Hardware?) -> Bool {
        guard let price else { return true }
        return price.dollarsPerHour > (present?.price?.dollarsPerHour ?? 0)
    }

    /// `2 vCPU, 16 GB, 1 x T4`.
    var specification: String {
        [cpu, memory, accelerator].compactMap { $0 }.joined(separator: ", ").visible
    }

    var fields: [(String, OrderedJSON)] {
        func dollars(_ hours: Double) -> OrderedJSON {
            price.map { .double(($0.dollarsPerHour * hours * 1000).rounded() / 1000) } ?? .null
        }
        return [
            ("name", .string(name)), ("pretty_name", .string(prettyName)), ("cpu", .optional(cpu)),
            ("memory", .optional(memory)), ("accelerator", .optional(accelerator)),
            ("dollars_per_hour", dollars(1)), ("dollars_per_day", dollars(24)),
            ("dollars_per_month", dollars(720)),
        ]
    }
}

extension [Hardware] {
    /// - Throws: kind `usage` for a flavour that the Hub does not have, with the nearest.
    func named(_ name: String) throws(DeployError) -> Hardware {
        if let found = first(where: { $0.name == name }) { return found }
        let near = nearest(name, among: map(\.name)).map { "did you mean \($0)?" }
        throw DeployError(
            .usage, "the Hub has no hardware \(name)",
            hint: near ?? "it has \(map(\.name).joined(separator: ", "))")
    }
}
