import SpacesModel

/// The plan of a rollback: an earlier tree of the Space that becomes a new commit on its head.
struct RollbackPlan: Sendable {
    /// The commit whose tree is restored.
    var goal: Commit
    var state: SpaceHead
    /// The current deploy of the Space, or its head if there is none.
    var current: Commit
    var composition: ComposedTree
    /// The edits made on the Space that the rollback preserves.
    var merged = MergedEdits()
    var guardViolations: [GuardViolation] = []
    /// The release trailers; `nil` before the push, and with `history = source`.
    var release: ReleaseTrailers?
}

extension RollbackPlan {
    /// Returns the commit message with the trailers for later runs: those of the restored deploy that
    /// still apply, and those of the rollback.
    /// - Parameter actor: the user or job that rolls back; `nil` to leave out `Deployed-By`.
    func message(_ subject: String?, by actor: String?, version: String) -> String {
        let omittedKeys = [
            "rolled-back", "rolled-back-to", "deployed-by", "spacesync", "merged", "merged-readme", "release",
            "previous-outcome",
        ]
        let old = Trailers(of: goal.message)
        var trailers = Trailers()
        for field in old.fields where !omittedKeys.contains(field.key.lowercased()) {
            trailers.add(field.key, field.value)
        }
        merged.write(to: &trailers)
        release?.write(to: &trailers)
        for commit in rolledBackCommits { trailers.add("Rolled-Back", commit.description) }
        trailers.add("Rolled-Back-To", goal.id.description)
        if let actor { trailers.add("Deployed-By", actor) }
        trailers.add("Spacesync", version)
        return (subject ?? "Roll back to \(goal.id.short): \(goal.plainSubject)") + "\n\n" + trailers.text
    }

    /// The source commits to hold back: that of the current deploy, and those that were rolled back
    /// before. For a deploy that does not record its source commit, the commit of the Space.
    private var rolledBackCommits: [ObjectID] {
        let currentTrailers = Trailers(of: current.message)
        let source = currentTrailers["Source-Commit"].flatMap { ObjectID($0) } ?? current.id
        let restoredSource = Trailers(of: goal.message)["Source-Commit"].flatMap { ObjectID($0) }
        let earlier = currentTrailers.rolledBackCommits.filter {
            $0 != restoredSource && $0 != goal.id && $0 != source
        }
        return [source] + earlier
    }
}

extension Commit {
    /// The subject, or for a rollback the subject of the deploy that it restored.
    fileprivate var plainSubject: String {
        var text = subject[...]
        while text.hasPrefix("Roll back to "), let colon = text.firstIndex(of: ":") {
            text = text[text.index(after: colon)...].drop { $0 == " " }
        }
        return text.isEmpty ? "an earlier deploy" : String(text)
    }
}
