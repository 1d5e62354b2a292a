import SpacesModel

/// A guard against an effect of a deploy that may be unintended. `--force=NAME` overrides it.
package enum Guard: String, Hashable, Sendable, CaseIterable {
    /// Edits made on the Space would be undone.
    case drift
    /// More of the Space's files would be removed than `deleteLimit` allows.
    case deletes
    /// The Space's SDK would change.
    case sdk
    /// Commits of the Space that the source does not have would be dropped (`history = source`).
    case history
    /// A source commit that was rolled back would be deployed again.
    case rollback
    /// The Space was deployed from another repository.
    case repository
    /// A newer commit of the source is deployed, and this deploy would revert it.
    case behind
    /// Files that no deploy put on the Space and that the source does not have would be replaced or
    /// removed.
    case adopt

    /// The guards that `--force` without names overrides; the other guards must be named.
    package static let overriddenByPlainForce: Set<Guard> = [.drift, .deletes, .adopt]
}

/// A reason not to push: the finding of a guard, or a change that requires confirmation.
struct GuardViolation: Hashable, Sendable {
    /// The guard; `nil` if `--yes` overrides the violation.
    var guardName: Guard?
    /// One sentence.
    var message: String
    var details: [String]
    /// Complete lines to print, often with a command to copy.
    var hints: [String]
    /// The purpose of overriding the guard, printed before the command.
    var overrideHint = Self.defaultOverrideHint
    /// The question at a terminal before the push is blocked; `nil` if only a flag overrides the guard.
    var prompt: String?
    /// The error message if the user declines; `nil` to use `message`.
    var declinedMessage: String?
    /// Whether a detail is logged instead of a warning, which a CI job would show as an annotation.
    var isQuiet = false

    static let defaultOverrideHint = "to do it all the same"

    func isOverridden(by overriddenGuards: Set<Guard>) -> Bool {
        guardName.map(overriddenGuards.contains) ?? false
    }
}

extension [GuardViolation] {
    /// The violated guards, each once, in the order of the contract.
    var guards: [Guard] { Guard.allCases.filter { name in contains { $0.guardName == name } } }
}

extension DeployError {
    /// Returns one error for all violations, with the command that overrides exactly these guards and
    /// those that were overridden already.
    static func blockedByGuards(_ violations: [GuardViolation], _ space: SpaceID, overridden: Set<Guard> = [])
        -> DeployError
    {
        let guards = overridden.union(violations.guards)
        let names = Guard.allCases.filter(guards.contains).map(\.rawValue).joined(separator: ",")
        let flag = violations.guards.isEmpty ? "--yes" : "--force=\(names)"
        let details = violations.dropFirst().reduce(violations.first?.details ?? []) { lines, violation in
            lines + [violation.message] + violation.details
        }
        let overrideHint =
            violations.count == 1 ? violations[0].overrideHint : GuardViolation.defaultOverrideHint
        let hints = violations.flatMap(\.hints) + ["\(overrideHint): spacesync push \(space) \(flag)"]
        return DeployError(
            .blocked, violations.first.map { $0.declinedMessage ?? $0.message } ?? "\(space) is guarded",
            details: details,
            hint: hints.joined(separator: "\n"))
    }
}
