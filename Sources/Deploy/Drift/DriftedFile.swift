import SpacesModel

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
