import SpacesModel

/// One path that the Space's side changed since the last deploy, and how it is brought home.
package struct DriftedFile: Hashable, Sendable {
    package var path: Path
    package var kind: Change.Kind
    /// A deploy took it over (`drift = merge`): the source still lacks it.
    package var isMerged = false
    /// The source changed it as well since the last deploy.
    package var isChangedInSource = false
    /// Keys of the card that were added, changed or removed.
    package var keys: [String] = []
    /// Of a README: the text below the card was changed.
    package var isTextChanged = false
    /// No patch can be made of it, as both sides changed the same.
    package var needsManualMerge = false
    /// Where it belongs in the source; nil when no place can be told.
    package var sourcePath: Path?
    /// What the patch leaves out, or what to mind.
    package var notes: [String] = []
    /// In git's format, as `git apply` takes it; nil when it was not asked for, or cannot be made.
    package var patch: [UInt8]?

    var hasPatch: Bool { patch?.isEmpty == false }

    package init(path: Path, kind: Change.Kind) { (self.path, self.kind) = (path, kind) }
}
