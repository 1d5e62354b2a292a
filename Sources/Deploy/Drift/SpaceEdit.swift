import SpacesModel

/// What somebody changed at one path of the Space since the last deploy, and what a deploy makes of it.
struct SpaceEdit: Hashable, Sendable {
    var path: Path
    var kind: Change.Kind
    var fate: Fate
    /// What the source did with the file since both last had it in common; nil: nothing.
    var inSource: Change.Kind?
    /// Earlier deploys kept it (`drift = merge`).
    var wasKept = false
    /// No deploy was here before, and the source has no version of this file.
    var isFirstContact = false
    /// The deploy has no file in its place.
    var isRemovedByDeploy = false
    /// Of a README that is compared part by part: those that have this fate.
    var parts: [ReadmeEdit] = []

    enum Fate: Hashable, Sendable {
        /// It stays, as the source did not change the file.
        case kept
        /// The source has it by now, together with what else was changed there.
        case held
        case undone
    }

    var isChangedInSource: Bool { inSource != nil }
    /// It cannot stay beside what the source did.
    var isConflict: Bool { parts.isEmpty ? isChangedInSource : parts.contains(where: \.isConflict) }

    /// As a plan tells it.
    var words: String {
        let also = sourceWords.map { ", and \($0)" } ?? ""
        switch (fate, kind) {
        case (.held, _): return "holds the Space's own edit"
        case (_, _) where isFirstContact:
            return fate == .kept ? "only on the Space" : "the source has no version of it"
        case (.kept, _) where !parts.isEmpty:
            return "keeps what was edited on the Space: \(parts.names)"
        case (_, _) where wasKept: return "edited on the Space (merged until now)\(also)"
        case (_, .added): return "added on the Space since the last deploy\(also)"
        case (_, .removed): return "deleted on the Space since the last deploy\(also)"
        case (_, .updated), (_, .kept): return "edited on the Space since the last deploy\(also)"
        }
    }

    var sourceWords: String? {
        inSource.map { $0 == .removed ? "no longer deployed from the source" : "changed in the source" }
    }
}

extension [ReadmeEdit] {
    /// `title, text below the card`.
    var names: String { map(\.part.description).joined(separator: ", ") }
}
