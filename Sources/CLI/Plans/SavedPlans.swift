import Deploy
import SpacesModel

/// The plans that a push was told to hold itself to; none without `--plan`.
struct SavedPlans: Sendable {
    private let name: String
    private let entries: [PlanFile.Entry]
    private let records: [SavedPlan]

    /// - Throws: kind `settings` for a file that is no plan.
    init(_ arguments: Arguments, _ environment: CommandEnvironment) throws(DeployError) {
        guard let name = arguments.value(.plan) else {
            (self.name, entries, records) = ("", [], [])
            return
        }
        let file = try PlanFile.read(environment.absolute(name), named: name)
        (self.name, entries, records) = (name, file.spaces, file.spaces.compactMap(\.record))
    }

    /// The Spaces of a run: those named, which must all be in the plan, else all of the plan.
    /// - Throws: kind `usage` for a Space that the plan does not hold.
    func names(_ arguments: [String], owner: String?) throws(DeployError) -> [String] {
        guard !records.isEmpty else { return arguments }
        let known = records.map(\.space.description)
        for word in arguments {
            let space = SpaceID(word) ?? owner.flatMap { SpaceID(owner: $0, name: word) }
            guard !known.contains(space?.description ?? word) else { continue }
            throw DeployError(
                .usage, "\(word) is not in the plan \(name)",
                details: ["it holds: \(known.joined(separator: ", "))"])
        }
        return arguments.isEmpty ? known : arguments
    }

    /// - Throws: kind `guarded` for a plan that was made against another Hub.
    func check(_ endpoint: HubEndpoint) throws(DeployError) {
        guard let entry = entries.first(where: { $0.endpoint != endpoint.description }) else { return }
        throw DeployError(
            .blocked, "the plan \(name) was made for another Hub: nothing was pushed",
            details: ["the Hub: it was \(entry.endpoint) and is \(endpoint)"],
            hint: "plan again, or set HF_ENDPOINT as it was")
    }

    func record(of space: SpaceID) -> SavedPlan? { records.first { $0.space == space } }
}
