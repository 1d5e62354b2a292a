import SpacesModel

/// A Space of which a travelling file says what it may not (design 3, "Trust"). It is not deployed; the others are.
package struct RejectedTarget: Hashable, Sendable {
    package let space: SpaceID
    /// Which pushes it would have been bound to, as far as it is known: for telling whom it concerns, and no more.
    private var revision: String?
    private var hasOtherSource = false
    package private(set) var manual = false
    private var errors: [SettingError] = []

    init(_ space: SpaceID) { self.space = space }

    mutating func record(_ refused: TrustPolicy.RejectedSetting) {
        if refused.entry.key == "branch" { revision = BranchMapping(refused.entry.value ?? "")?.source }
        var problem = refused.problem
        // What is said is said once, wherever it is written again.
        problem.line = nil
        if !errors.contains(problem) { errors.append(problem) }
    }

    /// What the rest of its settings say.
    mutating func apply(_ target: Target) {
        revision = target.revision ?? revision
        (hasOtherSource, manual) = (target.source != nil, target.manual)
    }

    /// Whether a push of this branch (or tag) would have deployed it, had nothing been refused.
    /// - Parameter head: the branch that HEAD names.
    package func isBound(toAnyOf names: [String], head: String?) -> Bool {
        !hasOtherSource && !manual && (revision ?? head).map(names.contains) == true
    }

    /// Only the file names this Space, and it may not.
    package var isNamedOnlyByFile: Bool { errors.contains(where: \.isSpaceNameError) }

    /// What is refused, once, and the lines that would allow it.
    package var failure: DeployError {
        failure(allowing: errors.compactMap(\.hint), "who runs this repository")
    }

    /// - Parameter editing: how the lines begin where the settings are another file's: `git config -f FILE`.
    package func failure(allowedBy editing: String) -> DeployError {
        let lines = errors.compactMap(\.hint).map { $0.replacingPrefix("git config", with: editing) }
        return failure(allowing: lines, "who runs spacesync")
    }

    private func failure(allowing lines: [String], _ person: String) -> DeployError {
        DeployError(
            .settings, "\(space) was not deployed: \(reason)",
            hint: lines.isEmpty ? nil : "\(person) may allow it:\n" + lines.joined(separator: "\n"))
    }

    private var reason: String {
        let file = errors.first?.origin.description ?? "a file that came with the source"
        let (names, keys) = (
            errors.filter(\.isSpaceNameError), errors.filter { !$0.isSpaceNameError }.compactMap(\.key)
        )
        let name = names.isEmpty ? "" : "may not name this Space"
        let set =
            keys.isEmpty ? "" : (names.isEmpty ? "may not" : ", nor") + " set \(keys.joined(separator: ", "))"
        return "\(file) came with the source, and \(name)\(set)"
    }
}

extension SettingError {
    /// Of the Space, not of a key.
    fileprivate var isSpaceNameError: Bool { key?.hasPrefix("space ") == true }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
