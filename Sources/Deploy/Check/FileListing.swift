import SpacesModel

/// The files and directories of a composed tree, collected during a tree walk for the checks.
package struct FileListing: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package var kind: EntryKind
        /// In bytes; `nil` if not read.
        package var size: Int?
        package var content: Content
        /// The target of a symbolic link as in its blob; `nil` if not read.
        package var link: Path?

        package init(_ kind: EntryKind, size: Int? = nil, _ content: Content = .plain, link: Path? = nil) {
            (self.kind, self.size, self.content, self.link) = (kind, size, content, link)
        }
    }

    package enum Content: Hashable, Sendable {
        /// Text, or not inspected.
        case plain
        /// A zero byte among the first 8000 bytes, as in Git.
        case binary
        /// Sent by LFS: the tree has, or will have, an LFS pointer.
        case pointer
        /// An LFS pointer whose object is not sent and not known to be on the Space.
        case missingPointer
    }

    package private(set) var files: [Path: File] = [:]
    /// Every directory including the root, with the number of its entries.
    package private(set) var directories: [Path: Int] = [.root: 0]

    package init() {}

    package init(_ files: some Sequence<(Path, File)>) {
        for (path, file) in files { add(file, at: path) }
    }

    package mutating func add(_ file: File, at path: Path) {
        guard files.updateValue(file, forKey: path) == nil else { return }
        var parent = path.parent
        while true {
            directories[parent, default: 0] += 1
            guard directories[parent] == 1, !parent.isRoot else { return }
            parent = parent.parent
        }
    }

    /// Whether the path is a file or a directory.
    package func contains(_ path: Path) -> Bool { files[path] != nil || directories[path] != nil }

    /// All paths, for "did you mean" suggestions.
    var paths: [Path] { files.keys.sorted() + directories.keys.filter { !$0.isRoot }.sorted() }
}
