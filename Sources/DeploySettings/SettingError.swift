import SpacesModel
import TextTools

/// An error in a setting: its location, the message and a hint.
package struct SettingError: Hashable, Sendable, CustomStringConvertible {
    package var origin: SettingOrigin
    package var line: Int?
    package var key: String?
    package var value: String?
    package var message: String
    package var hint: String?
    /// Whether the value is valid but conflicts with another setting.
    package var isConflict = false

    package init(
        _ origin: SettingOrigin, line: Int? = nil, key: String?, value: String?, _ message: String,
        hint: String? = nil
    ) {
        (self.origin, self.line, self.key) = (origin, line, key?.redactingURLs)
        (self.message, self.hint) = (message.redactingURLs, hint?.redactingUsers)
        let isURL = key.flatMap { SettingKey.named($0) }?.isURL == true
        self.value = isURL ? value?.redactedURL : value?.redactingURLs
    }

    /// The error on one line: `FILE:LINE: KEY = VALUE: message (hint)`.
    package var description: String {
        let setting = key.map { key in value.map { "\(key) = \($0.withoutTokens)" } ?? key }
        return [origin.location(line), setting, message].compactMap { $0 }.joined(separator: ": ")
            + hintSuffix
    }

    private var hintSuffix: String { hint.map { " (\($0))" } ?? "" }

    /// Returns one error for all setting errors, of kind `usage` if all come from command-line flags.
    package static func failure(_ errors: [SettingError]) -> DeployError {
        if let first = errors.first, errors.allSatisfy(\.isFromCommandLine) {
            return DeployError(
                .usage, first.commandLineDescription(withHint: false),
                details: errors.dropFirst().map { $0.commandLineDescription(withHint: true) },
                hint: first.hint)
        }
        let message = counted(errors.count, "invalid setting")
        return DeployError(.settings, message, details: errors.map(\.description))
    }

    /// Whether the error is an invalid value on the command line, regardless of other settings.
    private var isFromCommandLine: Bool { origin.isFlag && !isConflict }

    /// Returns the error with the flag as it was typed: `--sdk x: message`.
    private func commandLineDescription(withHint: Bool) -> String {
        guard case .flag(let flag) = origin, let key, let value else { return description }
        let redactedValue = value.withoutTokens
        let argument = flag == "-c" ? "-c \(key)=\(redactedValue)" : "\(flag) \(redactedValue)"
        return "\(argument): \(message)" + (withHint ? hintSuffix : "")
    }

    /// Whether the error concerns the name of a Space rather than a key.
    fileprivate var isSpaceNameError: Bool { key?.hasPrefix("space ") == true }
}

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
        if SettingKey.named(rejection.entry.key)?.bindsBranch == true {
            revision = BranchMapping(rejection.entry.value ?? "")?.source
        }
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
        failure(allowing: errors.compactMap(\.hint), "the administrator of this repository can allow it:")
    }

    /// Returns the error if the operator's settings are in another file.
    /// - Parameter editing: How the commands in the hint begin: `git config -f FILE`.
    package func failure(allowedBy editing: String) -> DeployError {
        let commands = errors.compactMap(\.hint).map { hint in
            hint.hasPrefix("git config") ? editing + hint.dropFirst("git config".count) : hint
        }
        return failure(allowing: commands, "to allow it, run:")
    }

    private func failure(allowing commands: [String], _ instruction: String) -> DeployError {
        DeployError(
            .settings, "\(space) was not deployed: \(reason)",
            hint: commands.isEmpty
                ? nil : "\(instruction)\n" + commands.joined(separator: "\n"))
    }

    private var reason: String {
        let file = errors.first?.origin.description ?? "a settings file"
        let (names, keys) = (
            errors.filter(\.isSpaceNameError), errors.filter { !$0.isSpaceNameError }.compactMap(\.key)
        )
        let name = names.isEmpty ? "" : "configure this Space"
        let set =
            keys.isEmpty ? "" : (names.isEmpty ? "" : " or ") + "set \(keys.joined(separator: ", "))"
        return "\(file) comes from the source, so it cannot \(name)\(set)"
    }
}
