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
        self.value = key == "source" ? value?.redactedURL : value?.redactingURLs
    }

    /// The error on one line: `FILE:LINE: KEY = VALUE: message (hint)`.
    package var description: String {
        let setting = key.map { key in value.map { "\(key) = \($0.withoutTokens)" } ?? key }
        return [origin.location(line), setting, message].compactMap { $0 }.joined(separator: ": ")
            + hintSuffix
    }

    private var hintSuffix: String { hint.map { " (\($0))" } ?? "" }
}

extension SettingError {
    /// Whether the error is an invalid value on the command line, regardless of other settings.
    fileprivate var isFromCommandLine: Bool {
        if case .flag = origin { !isConflict } else { false }
    }

    /// Returns the error with the flag as it was typed: `--sdk x: message`.
    fileprivate func commandLineDescription(withHint: Bool) -> String {
        guard case .flag(let flag) = origin, let key, let value else { return description }
        let redactedValue = value.withoutTokens
        let argument = flag == "-c" ? "-c \(key)=\(redactedValue)" : "\(flag) \(redactedValue)"
        return "\(argument): \(message)" + (withHint ? hintSuffix : "")
    }
}

extension SettingOrigin {
    /// Returns `FILE:LINE`, or `FILE at COMMIT, line LINE`; without a line for origins that are not
    /// a single file.
    package func location(_ line: Int?) -> String {
        guard let line else { return description }
        switch self {
        case .file(let name): return "\(name):\(line)"
        case .sourceFile(let name):
            return name.contains(" ") ? "\(name), line \(line)" : "\(name):\(line)"
        case .repository, .flag: return description
        }
    }
}

extension DeployError {
    /// Returns one error for all setting errors, of kind `usage` if all come from command-line flags.
    package static func settings(_ problems: [SettingError]) -> DeployError {
        if let first = problems.first, problems.allSatisfy(\.isFromCommandLine) {
            return DeployError(
                .usage, first.commandLineDescription(withHint: false),
                details: problems.dropFirst().map { $0.commandLineDescription(withHint: true) },
                hint: first.hint)
        }
        let count = problems.count == 1 ? "a setting is wrong" : "\(problems.count) settings are wrong"
        return DeployError(.settings, count, details: problems.map(\.description))
    }
}
