extension Target {
    /// The source's own commits are pushed, not one of ours (`history = source`).
    package var pushesHistory: Bool { history == "source" }

    /// Keys that compose a tree or write into it: a commit of the source cannot be what they ask for.
    package static let contentKeys: Set<String> = [
        "root", "include", "exclude", "map", "add", "keep", "sdk", "dockerfile", "image", "pin", "template",
        "env",
        "command", "port", "card", "cardFile", "lfs",
    ]

    /// Composing keys beside `history = source`, each where it was written.
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
