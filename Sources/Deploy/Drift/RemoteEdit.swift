import SpacesModel

/// An edit made at one path of the Space since the last deploy, and how a deploy resolves it.
struct RemoteEdit: Hashable, Sendable {
    var path: Path
    var kind: Change.Kind
    var resolution: Resolution
    /// The source's change to the file since the merge base; `nil` if there is none.
    var inSource: Change.Kind?
    /// Whether earlier deploys preserved the edit (`drift = merge`).
    var wasPreserved = false
    /// Whether there was no deploy before and the source has no version of this file.
    var isAdoption = false
    /// Whether the deploy has no file at this path.
    var isRemovedByDeploy = false
    /// The parts with this resolution, for a README that is compared part by part.
    var parts: [ReadmeEdit] = []

    enum Resolution: Hashable, Sendable {
        /// The edit stays, because the source did not change the file.
        case preserved
        /// The source already contains the edit, together with its own changes.
        case alreadyApplied
        case undone
    }

    var isChangedInSource: Bool { inSource != nil }
    /// Whether the edit conflicts with the source's change.
    var isConflict: Bool { parts.isEmpty ? isChangedInSource : parts.contains(where: \.isConflict) }

    /// The description of the edit in a plan.
    var changeDescription: String {
        let sourceChange = sourceChangeDescription.map { ", and \($0)" } ?? ""
        switch (resolution, kind) {
        case (.alreadyApplied, _): return "already contains the Space's edit"
        case (_, _) where isAdoption:
            return resolution == .preserved ? "only on the Space" : "the source has no version of it"
        case (.preserved, _) where !parts.isEmpty:
            return "keeps the Space's edits: \(parts.names)"
        case (_, _) where wasPreserved: return "edited on the Space (merged until now)\(sourceChange)"
        case (_, .added): return "added on the Space since the last deploy\(sourceChange)"
        case (_, .removed): return "deleted on the Space since the last deploy\(sourceChange)"
        case (_, .updated), (_, .kept): return "edited on the Space since the last deploy\(sourceChange)"
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

/// A file that was changed on the Space since the last deploy, and the patch that applies the change to
/// the source.
package struct DriftedFile: Hashable, Sendable {
    package var path: Path
    package var kind: Change.Kind
    /// Whether a deploy preserved the change (`drift = merge`) and the source still lacks it.
    package var isMerged = false
    /// Whether the source changed the file as well since the last deploy.
    package var isChangedInSource = false
    /// Keys of the README's card that were added, changed or removed.
    package var keys: [String] = []
    /// Whether the text below the README's card was changed.
    package var isTextChanged = false
    /// Whether no patch can be made because both sides changed the same lines or keys.
    package var needsManualMerge = false
    /// The file's path in the source; `nil` if it has none.
    package var sourcePath: Path?
    /// Notes on what the patch omits, and on applying it.
    package var notes: [String] = []
    /// The patch in the format of `git apply`; `nil` if it was not requested or cannot be made.
    package var patch: [UInt8]?

    var hasPatch: Bool { patch?.isEmpty == false }

    package init(path: Path, kind: Change.Kind) { (self.path, self.kind) = (path, kind) }
}
