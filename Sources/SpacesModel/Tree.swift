/// The kind of a tree entry, by Git's file modes (`git help ls-tree`).
package enum EntryKind: UInt32, Hashable, Sendable {
    case tree = 0o040000
    case file = 0o100644
    case executable = 0o100755
    case symlink = 0o120000
    case submodule = 0o160000

    /// Creates a kind from the mode in a tree; unusual modes of old repositories (100664 …) count
    /// as files. `nil` if the mode is unknown.
    package init?(mode: UInt32) {
        if let kind = EntryKind(rawValue: mode) {
            self = kind
        } else if mode & 0o170000 == 0o100000 {
            self = mode & 0o100 == 0 ? .file : .executable
        } else {
            return nil
        }
    }

    /// Whether the entry has a blob: files and symbolic links.
    package var isBlob: Bool { self == .file || self == .executable || self == .symlink }
}

/// An entry of a tree.
package struct TreeEntry: Hashable, Sendable {
    package var name: Path
    package var kind: EntryKind
    package var id: ObjectID

    package init(name: Path, kind: EntryKind, id: ObjectID) {
        (self.name, self.kind, self.id) = (name, kind, id)
    }
}
