/// One line of a section that is written for somebody, with why it is there.
package struct SettingLine: Hashable, Sendable {
    package var key: String
    package var value: String
    package var why: String

    package init(_ key: String, _ value: String, why: String) {
        (self.key, self.value, self.why) = (key, value, why)
    }

    /// The settings that flags gave, in the order of `SettingKey.all`.
    package static func flagLines(for target: Target) -> [SettingLine] {
        target.resolvedSettings.map { SettingLine($0.key, $0.value, why: "asked for with \($0.origin)") }
    }

    /// As Git's syntax takes it (`git help config`, "Syntax").
    var text: String { "\(key) = \(Self.quoted(value))" }

    /// Quoted where Git would cut or change it.
    static func quoted(_ value: String) -> String {
        let special: Set<Character> = ["#", ";", "\"", "\\"]
        let isPlain = !value.contains(where: special.contains) && value.first != " " && value.last != " "
        guard !isPlain || value.isEmpty else { return value }
        return "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
