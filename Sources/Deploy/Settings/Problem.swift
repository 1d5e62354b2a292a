/// Something wrong with a setting, where it stands and what to write instead.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
    package var origin: SettingOrigin
    package var key: String?
    package var value: String?
    package var message: String
    package var hint: String?

    package init(
        _ origin: SettingOrigin, key: String?, value: String?, _ message: String, hint: String? = nil
    ) {
        (self.origin, self.key, self.value) = (origin, key, value)
        (self.message, self.hint) = (message, hint)
    }

    /// `FILE: KEY = VALUE: what is wrong (what to do)`, on one line.
    package var description: String {
        let subject = key.map { key in value.map { "\(key) = \($0)" } ?? key }
        return [origin.description, subject, message].compactMap { $0 }.joined(separator: ": ")
            + (hint.map { " (\($0))" } ?? "")
    }
}

extension Failure {
    /// All problems at once.
    package static func settings(_ problems: [Problem]) -> Failure {
        let count = problems.count == 1 ? "a setting is wrong" : "\(problems.count) settings are wrong"
        return Failure(.settings, count, details: problems.map(\.description))
    }
}
