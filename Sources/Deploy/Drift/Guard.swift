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
    package static let plain: Set<Guard> = [.drift, .deletes, .adopt]
}

/// A reason not to push: what a guard has found, or what a person is asked about.
struct Objection: Hashable, Sendable {
    /// `nil` if `--yes` answers it.
    var guardName: Guard?
    /// One sentence.
    var message: String
    var details: [String]
    /// Ready lines.
    var hints: [String]
    /// When to pass the guard.
    var passing = Self.plainly
    /// What a person at a terminal is asked before the push is refused; `nil` if only a flag passes it.
    var question: String?
    /// The message if the person says no; `nil` for `message`.
    var refusal: String?
    /// It is shown as a detail instead of a warning, which a CI job would show as an annotation.
    var isQuiet = false

    static let plainly = "to do it all the same"

    func isForced(by forced: Set<Guard>) -> Bool { guardName.map(forced.contains) ?? false }
}

extension [Objection] {
    /// The guards that refuse, each once, in the order of the contract.
    var guards: [Guard] { Guard.allCases.filter { name in contains { $0.guardName == name } } }
}

extension Failure {
    /// All objections at once, with the line that passes exactly these, and those that were passed already.
    static func guarded(_ objections: [Objection], _ space: SpaceID, passed: Set<Guard> = []) -> Failure {
        let found = passed.union(objections.guards)
        let names = Guard.allCases.filter(found.contains).map(\.rawValue).joined(separator: ",")
        let flag = objections.guards.isEmpty ? "--yes" : "--force=\(names)"
        let details = objections.dropFirst().reduce(objections.first?.details ?? []) { lines, objection in
            lines + [objection.message] + objection.details
        }
        let passing = objections.count == 1 ? objections[0].passing : Objection.plainly
        let hints = objections.flatMap(\.hints) + ["\(passing): spacesync push \(space) \(flag)"]
        return Failure(
            .guarded, objections.first.map { $0.refusal ?? $0.message } ?? "\(space) is guarded",
            details: details,
            hint: hints.joined(separator: "\n"))
    }
}
