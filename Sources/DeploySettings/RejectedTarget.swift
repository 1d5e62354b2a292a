import SpacesModel

/// A Space for which a source's settings file contains settings it may not set (design.md 3,
/// "Trust"). Only this Space is not deployed.
package struct RejectedTarget: Hashable, Sendable {
    package let space: SpaceID
    /// The branch or tag that the Space would have been bound to, if known. Used only to decide
    /// whom the rejection concerns.
    private var revision: String?
    private var hasOtherSource = false
    package private(set) var manual = false
    private var errors: [SettingError] = []

    init(_ space: SpaceID) { self.space = space }

    mutating func record(_ rejection: TrustPolicy.RejectedSetting) {
        if rejection.entry.key == "branch" { revision = BranchMapping(rejection.entry.value ?? "")?.source }
        var error = rejection.problem
        // Without the line, repeated settings give the same error, which is reported once.
        error.line = nil
        if !errors.contains(error) { errors.append(error) }
    }

    /// Applies the accepted settings of the Space.
    mutating func apply(_ target: Target) {
        revision = target.revision ?? revision
        (hasOtherSource, manual) = (target.source != nil, target.manual)
    }

    /// Returns whether a push of one of these branches or tags would have deployed the Space if no
    /// setting had been rejected.
    /// - Parameter head: The branch that `HEAD` names.
    package func isBound(toAnyOf names: [String], head: String?) -> Bool {
        !hasOtherSource && !manual && (revision ?? head).map(names.contains) == true
    }

    /// Whether only the source's file names this Space, without permission.
    package var isNamedOnlyByFile: Bool { errors.contains(where: \.isSpaceNameError) }

    /// The error: the rejected settings, with the commands that would allow them as its hint.
    package var failure: DeployError {
        failure(allowing: errors.compactMap(\.hint), "who runs this repository")
    }

    /// Returns the error if the operator's settings are in another file.
    /// - Parameter editing: How the commands in the hint begin: `git config -f FILE`.
    package func failure(allowedBy editing: String) -> DeployError {
        let commands = errors.compactMap(\.hint).map { $0.replacingPrefix("git config", with: editing) }
        return failure(allowing: commands, "who runs spacesync")
    }

    private func failure(allowing commands: [String], _ operatorName: String) -> DeployError {
        DeployError(
            .settings, "\(space) was not deployed: \(reason)",
            hint: commands.isEmpty
                ? nil : "\(operatorName) may allow it:\n" + commands.joined(separator: "\n"))
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
    /// Whether the error concerns the name of a Space rather than a key.
    fileprivate var isSpaceNameError: Bool { key?.hasPrefix("space ") == true }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
