import SpacesModel

/// What a composed tree holds, for its checks: filled by whoever walks the tree.
package struct FileListing: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package var kind: EntryKind
        /// In bytes; nil when nobody asked.
        package var size: Int?
        package var content: Content
        /// Where a symbolic link leads, as it stands in its blob; nil when nobody asked.
        package var link: Path?

        package init(_ kind: EntryKind, size: Int? = nil, _ content: Content = .plain, link: Path? = nil) {
            (self.kind, self.size, self.content, self.link) = (kind, size, content, link)
        }
    }

    package enum Content: Hashable, Sendable {
        /// Text, or not looked at.
        case plain
        /// A zero byte among the first 8000, as Git itself decides.
        case binary
        /// It goes by LFS: what the tree holds, or will hold, is a pointer.
        case pointer
        /// A pointer whose object nobody sends, and that the Space is not known to hold.
        case missingPointer
    }

    package private(set) var files: [Path: File] = [:]
    /// Every directory, the root too, with the number of its entries.
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

    /// Whether a file or a directory stands there.
    package func contains(_ path: Path) -> Bool { files[path] != nil || directories[path] != nil }

    /// Everything there is, for "did you mean".
    var paths: [Path] { files.keys.sorted() + directories.keys.filter { !$0.isRoot }.sorted() }
}
