import SpacesModel

/// An earlier tree of the Space, as it is put back upon its head.
struct RollbackPlan: Sendable {
    /// Whose tree it is.
    var goal: Commit
    var state: SpaceHead
    /// What the Space is at: the last deploy, else its head.
    var current: Commit
    var composition: ComposedTree
    /// What somebody changed on the Space, and stays.
    var merged = MergedEdits()
    var guardViolations: [GuardViolation] = []
    /// `nil` before the push, and with `history = source`.
    var release: ReleaseTrailers?
}

extension RollbackPlan {
    /// What the way back tells later runs: all that the old deploy told, and what it takes back.
    /// - Parameter actor: who goes back; nil leaves it out.
    func message(_ subject: String?, by actor: String?, version: String) -> String {
        let passing = [
            "rolled-back", "rolled-back-to", "deployed-by", "spacesync", "merged", "merged-readme", "release",
            "previous-outcome",
        ]
        let old = Trailers(of: goal.message)
        var trailers = Trailers()
        for field in old.fields where !passing.contains(field.key.lowercased()) {
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

    /// The source's commits that are not to be deployed again by themselves: what the Space is at, and what was taken
    /// back before. Of a deploy that does not tell its source, the Space's commit.
    private var rolledBackCommits: [ObjectID] {
        let now = Trailers(of: current.message)
        let source = now["Source-Commit"].flatMap { ObjectID($0) } ?? current.id
        let again = Trailers(of: goal.message)["Source-Commit"].flatMap { ObjectID($0) }
        let before = now.rolledBackCommits.filter { $0 != again && $0 != goal.id && $0 != source }
        return [source] + before
    }
}

extension Commit {
    /// Of a rollback, the subject of what it put back.
    fileprivate var plainSubject: String {
        var text = subject[...]
        while text.hasPrefix("Roll back to "), let colon = text.firstIndex(of: ":") {
            text = text[text.index(after: colon)...].drop { $0 == " " }
        }
        return text.isEmpty ? "an earlier deploy" : String(text)
    }
}
