extension Target {
    /// The source's own commits are pushed, not one of ours (`history = source`).
    package var sendsHistory: Bool { history == "source" }

    /// Keys that compose a tree or write into it: a commit of the source cannot be what they ask for.
    package static let composing: Set<String> = [
        "root", "include", "exclude", "map", "add", "keep", "sdk", "dockerfile", "image", "pin", "template",
        "env",
        "command", "port", "card", "cardFile", "lfs",
    ]

    /// Composing keys beside `history = source`, each where it was written.
    var historyProblems: [Problem] {
        guard sendsHistory else { return [] }
        return effective.filter { Self.composing.contains($0.key) }.map { setting in
            Problem(
                setting.origin, line: setting.line, key: setting.key, value: setting.value,
                "does not go with history = source, which pushes commits as they are",
                hint:
                    "leave it out, clear what a file says by an empty \(setting.key) =, or deploy snapshots: history = snapshot"
            )
        }
    }
}
