import SpacesModel

/// A guard of ours: something a deploy would do that its owner may not mean. `--force=NAME` passes it.
package enum Guard: String, Hashable, Sendable, CaseIterable {
    /// What somebody changed on the Space would be undone.
    case drift
    /// More of the Space's files would go than `deleteLimit` allows.
    case deletes
    /// The kind of Space would change.
    case sdk
    /// The Space's commits that the source does not have would be left behind (`history = source`).
    case history
    /// What the Space went back from would be deployed again.
    case rollback
    /// The Space was deployed from another repository.
    case repository
    /// A newer commit of the source is deployed, which this one would take back.
    case behind
    /// Files that no deploy put on the Space, and that the source does not have, would be replaced or removed.
    case adopt

    /// What `--force` alone passes; all else must be named.
    package static let overriddenByPlainForce: Set<Guard> = [.drift, .deletes, .adopt]
}

/// A reason not to push: what a guard has found, or what a person is asked about.
struct GuardViolation: Hashable, Sendable {
    /// `nil` if `--yes` answers it.
    var guardName: Guard?
    /// One sentence.
    var message: String
    var details: [String]
    /// Ready lines.
    var hints: [String]
    /// When to pass the guard.
    var overrideHint = Self.defaultOverrideHint
    /// What a person at a terminal is asked before the push is refused; `nil` if only a flag passes it.
    var prompt: String?
    /// The message if the person says no; `nil` for `message`.
    var declinedMessage: String?
    /// It is shown as a detail instead of a warning, which a CI job would show as an annotation.
    var isQuiet = false

    static let defaultOverrideHint = "to do it all the same"

    func isOverridden(by overriddenGuards: Set<Guard>) -> Bool {
        guardName.map(overriddenGuards.contains) ?? false
    }
}

extension [GuardViolation] {
    /// The guards that refuse, each once, in the order of the contract.
    var guards: [Guard] { Guard.allCases.filter { name in contains { $0.guardName == name } } }
}

extension DeployError {
    /// All objections at once, with the line that passes exactly these, and those that were passed already.
    static func blockedByGuards(_ violations: [GuardViolation], _ space: SpaceID, overridden: Set<Guard> = [])
        -> DeployError
    {
        let found = overridden.union(violations.guards)
        let names = Guard.allCases.filter(found.contains).map(\.rawValue).joined(separator: ",")
        let flag = violations.guards.isEmpty ? "--yes" : "--force=\(names)"
        let details = violations.dropFirst().reduce(violations.first?.details ?? []) { lines, objection in
            lines + [objection.message] + objection.details
        }
        let passing = violations.count == 1 ? violations[0].overrideHint : GuardViolation.defaultOverrideHint
        let hints = violations.flatMap(\.hints) + ["\(passing): spacesync push \(space) \(flag)"]
        return DeployError(
            .blocked, violations.first.map { $0.declinedMessage ?? $0.message } ?? "\(space) is guarded",
            details: details,
            hint: hints.joined(separator: "\n"))
    }
}
