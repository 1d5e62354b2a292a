/// What a tree entry is, by the modes Git knows (`git help ls-tree`).
package enum EntryKind: UInt32, Hashable, Sendable {
    case tree = 0o040000
    case file = 0o100644
    case executable = 0o100755
    case symlink = 0o120000
    case submodule = 0o160000

    /// From a mode as it stands in a tree; the odd modes of old repositories (100664 …) count as files.
    package init?(mode: UInt32) {
        if let kind = EntryKind(rawValue: mode) {
            self = kind
        } else if mode & 0o170000 == 0o100000 {
            self = mode & 0o100 == 0 ? .file : .executable
        } else {
            return nil
        }
    }

    /// Files and symbolic links: what has a blob.
    package var isBlob: Bool { self == .file || self == .executable || self == .symlink }
}

/// One name in a tree.
package struct TreeEntry: Hashable, Sendable {
    package var name: Path
    package var kind: EntryKind
    package var id: ObjectID

    package init(name: Path, kind: EntryKind, id: ObjectID) {
        (self.name, self.kind, self.id) = (name, kind, id)
    }
}
