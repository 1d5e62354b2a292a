import SpacesModel

/// What somebody changed at one path of the Space since the last deploy, and what a deploy makes of it.
struct RemoteEdit: Hashable, Sendable {
    var path: Path
    var kind: Change.Kind
    var resolution: Resolution
    /// What the source did with the file since both last had it in common; nil: nothing.
    var inSource: Change.Kind?
    /// Earlier deploys kept it (`drift = merge`).
    var wasPreserved = false
    /// No deploy was here before, and the source has no version of this file.
    var isAdoption = false
    /// The deploy has no file in its place.
    var isRemovedByDeploy = false
    /// Of a README that is compared part by part: those that have this fate.
    var parts: [ReadmeEdit] = []

    enum Resolution: Hashable, Sendable {
        /// It stays, as the source did not change the file.
        case preserved
        /// The source has it by now, together with what else was changed there.
        case alreadyApplied
        case undone
    }

    var isChangedInSource: Bool { inSource != nil }
    /// It cannot stay beside what the source did.
    var isConflict: Bool { parts.isEmpty ? isChangedInSource : parts.contains(where: \.isConflict) }

    /// As a plan tells it.
    var changeDescription: String {
        let also = sourceChangeDescription.map { ", and \($0)" } ?? ""
        switch (resolution, kind) {
        case (.alreadyApplied, _): return "holds the Space's own edit"
        case (_, _) where isAdoption:
            return resolution == .preserved ? "only on the Space" : "the source has no version of it"
        case (.preserved, _) where !parts.isEmpty:
            return "keeps what was edited on the Space: \(parts.names)"
        case (_, _) where wasPreserved: return "edited on the Space (merged until now)\(also)"
        case (_, .added): return "added on the Space since the last deploy\(also)"
        case (_, .removed): return "deleted on the Space since the last deploy\(also)"
        case (_, .updated), (_, .kept): return "edited on the Space since the last deploy\(also)"
        }
    }

    var sourceChangeDescription: String? {
        inSource.map { $0 == .removed ? "no longer deployed from the source" : "changed in the source" }
    }
}

extension [ReadmeEdit] {
    /// `title, text below the card`.
    var names: String { map(\.part.description).joined(separator: ", ") }
}
