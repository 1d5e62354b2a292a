import Deploy
import SpacesModel

/// The plans that a push must match; empty without `--plan`.
struct SavedPlans: Sendable {
    private let name: String
    private let entries: [PlanFile.Entry]
    private let records: [SavedPlan]

    /// - Throws: kind `settings` if the file is not a plan.
    init(_ arguments: Arguments, _ environment: CommandEnvironment) throws(DeployError) {
        guard let name = arguments.value(.plan) else {
            (self.name, entries, records) = ("", [], [])
            return
        }
        let file = try PlanFile.read(environment.absolute(name), named: name)
        (self.name, entries, records) = (name, file.spaces, file.spaces.compactMap(\.record))
    }

    /// Returns the Spaces of a run: those named, which must all be in the plan, or all Spaces of
    /// the plan.
    /// - Throws: kind `usage` if a named Space is not in the plan.
    func names(_ arguments: [String], owner: String?) throws(DeployError) -> [String] {
        guard !records.isEmpty else { return arguments }
        let planned = records.map(\.space.description)
        for argument in arguments {
            let space = SpaceID(argument) ?? owner.flatMap { SpaceID(owner: $0, name: argument) }
            guard !planned.contains(space?.description ?? argument) else { continue }
            throw DeployError(
                .usage, "\(argument) is not in the plan \(name)",
                details: ["it holds: \(planned.joined(separator: ", "))"])
        }
        return arguments.isEmpty ? planned : arguments
    }

    /// - Throws: kind `blocked` if the plan was made for another Hub.
    func check(_ endpoint: HubEndpoint) throws(DeployError) {
        guard let entry = entries.first(where: { $0.endpoint != endpoint.description }) else { return }
        throw DeployError(
            .blocked, "the plan \(name) was made for another Hub: nothing was pushed",
            details: ["the Hub: it was \(entry.endpoint) and is \(endpoint)"],
            hint: "plan again, or set HF_ENDPOINT as it was")
    }

    func record(of space: SpaceID) -> SavedPlan? { records.first { $0.space == space } }
}
