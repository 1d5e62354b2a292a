/// A generated line of a settings file, with a comment that explains it.
package struct SettingLine: Hashable, Sendable {
    package var key: String
    package var value: String
    package var why: String

    package init(_ key: String, _ value: String, why: String) {
        (self.key, self.value, self.why) = (key, value, why)
    }

    /// Returns the settings given by flags, in the order of `SettingKey.all`.
    package static func flagLines(for target: Target) -> [SettingLine] {
        target.resolvedSettings.map { SettingLine($0.key, $0.value, why: "asked for with \($0.origin)") }
    }

    /// The line in Git's syntax (`git help config`, "Syntax").
    var text: String { "\(key) = \(Self.quoted(value))" }

    /// Returns the value, quoted if Git would truncate or change it otherwise.
    static func quoted(_ value: String) -> String {
        let special: Set<Character> = ["#", ";", "\"", "\\"]
        let isPlain = !value.contains(where: special.contains) && value.first != " " && value.last != " "
        guard !isPlain || value.isEmpty else { return value }
        return "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
