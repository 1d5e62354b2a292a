import SpacesModel

/// What a push would change on the Space, file by file.
package struct Plan: Hashable, Sendable {
    package var changes: [Change]
    /// Of the source, as they are pushed (`history = source`): oldest first.
    package var commits: [Commit] = []
    /// What is set besides files.
    package var configurationChanges: [ConfigurationChange] = []
    /// The source commit, if it is not deployed because it was rolled back.
    package var heldBack: ObjectID?

    package init(changes: [Change]) { self.changes = changes }
}

/// One path that a deploy touches, and why.
package struct Change: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case added, updated, removed, kept }
    package var path: Path
    package var kind: Kind
    package var why: String
    /// Of a file that goes by LFS, its size in bytes.
    package var lfs: Int?
    /// Of a file that goes: where the very same one is new.
    package var movedTo: Path?
    /// The text's changes as `git diff` prints them, where they were asked for.
    package var diff: [UInt8]?

    package init(path: Path, kind: Kind, why: String) { (self.path, self.kind, self.why) = (path, kind, why) }
}
