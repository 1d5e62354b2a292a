import SpacesModel
import TextTools

/// Something wrong with a setting, where it stands and what to write instead.
package struct SettingError: Hashable, Sendable, CustomStringConvertible {
    package var origin: SettingOrigin
    package var line: Int?
    package var key: String?
    package var value: String?
    package var message: String
    package var hint: String?
    /// The value is good, and does not go with another.
    package var isConflict = false

    package init(
        _ origin: SettingOrigin, line: Int? = nil, key: String?, value: String?, _ message: String,
        hint: String? = nil
    ) {
        (self.origin, self.line, self.key) = (origin, line, key?.redactingURLs)
        (self.message, self.hint) = (message.redactingURLs, hint?.redactingUsers)
        self.value = key == "source" ? value?.redactedURL : value?.redactingURLs
    }

    /// `FILE:LINE: KEY = VALUE: what is wrong (what to do)`, on one line.
    package var description: String {
        let setting = key.map { key in value.map { "\(key) = \($0.withoutTokens)" } ?? key }
        return [origin.location(line), setting, message].compactMap { $0 }.joined(separator: ": ")
            + hintSuffix
    }

    private var hintSuffix: String { hint.map { " (\($0))" } ?? "" }
}

extension SettingError {
    /// A value on the command line that is wrong whatever the settings say.
    fileprivate var isFromCommandLine: Bool {
        if case .flag = origin { !isConflict } else { false }
    }

    /// As it was typed: `--sdk x: what is wrong`.
    fileprivate func commandLineDescription(withHint: Bool) -> String {
        guard case .flag(let flag) = origin, let key, let value else { return description }
        let told = value.withoutTokens
        let words = flag == "-c" ? "-c \(key)=\(told)" : "\(flag) \(told)"
        return "\(words): \(message)" + (withHint ? hintSuffix : "")
    }
}

extension SettingOrigin {
    /// `FILE:LINE`, or `FILE at COMMIT, line LINE`; what is no single file has no lines.
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
    /// All problems at once. Where flags alone are to blame, it is the command line that is wrong.
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
