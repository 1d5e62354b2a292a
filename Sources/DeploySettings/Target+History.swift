extension Target {
    /// Whether the source's own commits are pushed instead of snapshot commits (`history = source`).
    package var pushesHistory: Bool { history == "source" }

    /// Keys that determine or change the content of the tree. They cannot apply if the source's
    /// commits are pushed unchanged.
    package static let contentKeys: Set<String> = [
        "root", "include", "exclude", "map", "add", "keep", "sdk", "dockerfile", "image", "pin", "template",
        "env",
        "command", "port", "card", "cardFile", "lfs",
    ]

    /// Errors for content keys combined with `history = source`, each with its origin.
    var historyErrors: [SettingError] {
        guard pushesHistory else { return [] }
        return resolvedSettings.filter { Self.contentKeys.contains($0.key) }.map { setting in
            SettingError(
                setting.origin, line: setting.line, key: setting.key, value: setting.value,
                "does not go with history = source, which pushes commits as they are",
                hint:
                    "leave it out, clear what a file says by an empty \(setting.key) =, or deploy snapshots: history = snapshot"
            )
        }
    }
}
