import TextTools

/// The size limits of trees. The Hub recommends fewer than 100,000 files per repository and accepts
/// at most 10,000 entries per directory (`HubPushRules`).
package enum TreeLimit {
    /// The maximum number of files and directories, counted at each occurrence.
    package static let entries = 300_000
    /// The maximum nesting depth of directories.
    package static let depth = 200
    /// The maximum total length of all paths in bytes.
    package static let bytes = 64 << 20
}

/// The expanded size of a tree.
package struct TreeSize: Hashable, Sendable {
    /// The number of files and directories below the tree, counted at each occurrence.
    package var entries = 0
    /// The nesting depth of directories below the tree.
    package var depth = 0
    /// The length in bytes of the longest path below the tree.
    package var maxPathLength = 0
    /// The total length in bytes of all paths below the tree.
    package var bytes = 0
}

/// A limit that a tree exceeds.
package struct TreeLimitError: Error, Hashable, Sendable {
    package var path: Path
    package var reason: String
}

/// A measurement of trees without expanding them: each tree object is read once, however often it occurs.
package struct TreeMeasure: Sendable {
    private struct Frame {
        var tree: ObjectID
        /// The length in bytes of the path to the tree, with a trailing slash; 0 for the root.
        var start: Int
        var name: Path
        var subtrees: [TreeEntry] = []
        var next = 0
        var size = TreeSize()
    }

    private var cachedSizes: [ObjectID: TreeSize] = [:]
    private var stack: [Frame] = []

    package init() {}

    /// The path of the tree that was read last, for error messages.
    package var path: Path { Path(joining: stack.dropFirst().map(\.name)) }

    /// Measures a tree.
    /// - Parameter entries: Reads a tree object; `nil` if it is not available (partial clone), in
    ///   which case it counts as empty.
    /// - Returns: The limit that the tree exceeds; `nil` if none.
    package mutating func exceededLimit<Fault: Error>(
        of tree: ObjectID, entries: (ObjectID) throws(Fault) -> [TreeEntry]?
    ) throws(Fault) -> TreeLimitError? {
        stack = [Frame(tree: tree, start: 0, name: .root)]
        if cachedSizes[tree] != nil { return nil }
        if let excess = addEntries(try entries(tree)) { return excess }
        while let frame = stack.last {
            guard frame.next < frame.subtrees.count else {
                cachedSizes[frame.tree] = frame.size
                stack.removeLast()
                continue
            }
            let child = frame.subtrees[frame.next]
            if let size = cachedSizes[child.id] {
                if let excess = add(size, of: child) { return excess }
                continue
            }
            guard stack.count <= TreeLimit.depth else { return tooDeep(child) }
            stack.append(
                Frame(tree: child.id, start: frame.start + child.name.bytes.count + 1, name: child.name))
            if let excess = addEntries(try entries(child.id)) { return excess }
        }
        return nil
    }

    /// Adds the entries of the tree on top of the stack to its size.
    private mutating func addEntries(_ entries: [TreeEntry]?) -> TreeLimitError? {
        guard let entries, var frame = stack.popLast() else { return nil }
        defer { stack.append(frame) }
        frame.size.entries = entries.count
        for entry in entries {
            let count = entry.name.bytes.count
            guard count <= Path.maxNameLength else {
                let reason = "has a name of \(count) bytes; file systems allow \(Path.maxNameLength)"
                return TreeLimitError(path: path(to: frame, entry.name), reason: reason)
            }
            guard frame.start + count <= Path.maxLength else {
                return TreeLimitError(path: path(to: frame, entry.name), reason: Self.tooLong)
            }
            frame.size.maxPathLength = max(frame.size.maxPathLength, count)
            frame.size.bytes += count
            if entry.kind == .tree { frame.subtrees.append(entry) }
        }
        return frame.size.entries > TreeLimit.entries ? tooMany(at: path(to: frame, nil)) : nil
    }

    /// Adds the expanded size of a subdirectory to the tree on top of the stack.
    private mutating func add(_ size: TreeSize, of child: TreeEntry) -> TreeLimitError? {
        guard var frame = stack.popLast() else { return nil }
        defer { stack.append(frame) }
        frame.next += 1
        frame.size.entries = frame.size.entries.addingClamped(size.entries)
        frame.size.depth = max(frame.size.depth, size.depth + 1)
        let length = child.name.bytes.count + 1 + size.maxPathLength
        frame.size.maxPathLength = max(frame.size.maxPathLength, length)
        // No overflow: both sizes are within their limits.
        frame.size.bytes += size.bytes + (child.name.bytes.count + 1) * size.entries
        if frame.size.bytes > TreeLimit.bytes {
            return TreeLimitError(path: path(to: frame, nil), reason: "expands to more than 64 MiB of paths")
        }
        if frame.size.entries > TreeLimit.entries { return tooMany(at: path(to: frame, nil)) }
        if stack.count + 1 + size.depth > TreeLimit.depth {
            return TreeLimitError(path: path(to: frame, child.name), reason: Self.tooDeep)
        }
        return frame.start + length > Path.maxLength
            ? TreeLimitError(path: path(to: frame, child.name), reason: Self.tooLong) : nil
    }

    private func path(to frame: Frame, _ name: Path?) -> Path {
        Path(joining: (stack + [frame]).dropFirst().map(\.name) + [name].compactMap { $0 })
    }

    private func tooDeep(_ child: TreeEntry) -> TreeLimitError {
        TreeLimitError(path: path.appending(child.name), reason: Self.tooDeep)
    }

    private func tooMany(at path: Path) -> TreeLimitError {
        TreeLimitError(path: path, reason: "expands to more than \(TreeLimit.entries) files and directories")
    }

    private static let tooDeep =
        "is part of a tree with more than \(TreeLimit.depth) nested directories"
    private static let tooLong = "is part of a path with more than \(Path.maxLength) bytes"
}

extension ObjectDatabase {
    /// Checks that a tree does not exceed the size limits.
    /// - Parameters:
    ///   - owner: The owner of the tree in the message: `hello`, `me/web`.
    ///   - kind: The kind of the error.
    /// - Throws: The exceeded limit with a path.
    package func checkSize(
        of tree: ObjectID, _ owner: String, _ kind: DeployError.Kind = .source
    ) async throws(DeployError) {
        guard let excess = try await exceededLimit(of: tree) else { return }
        let path = excess.path.isRoot ? "the root" : excess.path.shown
        // A path that is too long would make the message unreadable.
        let shown = path.count > 200 ? path.prefix(200) + "…" : path[...]
        throw DeployError(
            kind, "the tree of \(owner) exceeds a limit", details: ["\(shown) \(excess.reason)"],
            hint: "remove it from the repository, or move it to another one")
    }
}

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
