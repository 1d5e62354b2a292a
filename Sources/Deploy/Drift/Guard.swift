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

/// What a guard has found.
struct Objection: Hashable, Sendable {
    var guardName: Guard
    /// One sentence.
    var message: String
    var details: [String]
    /// Ready lines.
    var hints: [String]
    /// When to pass the guard.
    var passing = Self.plainly
    /// What a person at a terminal is asked instead; `nil` if the guard must be named.
    var question: String?
    /// Where nobody can be asked, it is a warning and the deploy goes on.
    var isCaution = false
    /// A detail instead of a warning, which a CI job would show as an annotation.
    var isQuiet = false

    static let plainly = "to do it all the same"
}

extension [Objection] {
    /// The guards that refuse, each once, in the order of the contract.
    var guards: [Guard] { Guard.allCases.filter { name in contains { $0.guardName == name } } }
}

extension Failure {
    /// All objections at once, with the line that passes exactly these, and those that were passed already.
    static func guarded(_ objections: [Objection], _ space: SpaceID, passed: Set<Guard> = []) -> Failure {
        let found = passed.union(objections.map(\.guardName))
        let names = Guard.allCases.filter(found.contains).map(\.rawValue).joined(separator: ",")
        let details = objections.dropFirst().reduce(objections.first?.details ?? []) { lines, objection in
            lines + [objection.message] + objection.details
        }
        let passing = objections.count == 1 ? objections[0].passing : Objection.plainly
        let hints = objections.flatMap(\.hints) + ["\(passing): spacesync push \(space) --force=\(names)"]
        return Failure(
            .guarded, objections.first?.message ?? "\(space) is guarded", details: details,
            hint: hints.joined(separator: "\n"))
    }
}
