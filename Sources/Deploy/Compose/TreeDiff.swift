import SpacesModel

/// The difference between two trees: the paths that change, and the objects to send.
struct TreeDiff: Sendable {
    struct File: Sendable {
        var path: Path
        var kind: Change.Kind
        /// The entry in the new tree; for a removed file, the entry in the old tree.
        var entry: TreeEntry
    }

    private(set) var files: [File] = []
    /// Trees and blobs that the old tree does not contain, each once.
    private(set) var objects: [PackObject] = []
    /// Ids of the objects that were already considered for `objects`.
    private var seen: Set<ObjectID> = []

    /// Compares by ids: a directory with the same id on both sides is not read.
    /// - Parameter contents: objects of the old tree, given if objects are to be sent: a file that
    ///   only moved is not sent again.
    init(
        from old: ObjectID?, to new: ObjectID, beside contents: ReachableObjects? = nil,
        in store: some ObjectDatabase
    ) async throws(DeployError) {
        try await compare(old, new, at: .root, in: store)
        files.sort { $0.path < $1.path }
        if let contents { objects.removeAll { contents.contains($0.id) } }
    }

    /// New paths of moved files, by their old paths. Each new path occurs once.
    var moves: [Path: Path] {
        let removedBlobs = Set(files.filter { $0.kind == .removed }.map(\.entry.id))
        guard !removedBlobs.isEmpty else { return [:] }
        var addedPaths: [ObjectID: [Path]] = [:]
        for file in files.reversed() where file.kind == .added && removedBlobs.contains(file.entry.id) {
            addedPaths[file.entry.id, default: []].append(file.path)
        }
        var moves: [Path: Path] = [:]
        for file in files where file.kind == .removed {
            moves[file.path] = addedPaths[file.entry.id]?.popLast()
        }
        return moves
    }

    private mutating func compare(
        _ old: ObjectID?, _ new: ObjectID?, at path: Path, in store: some ObjectDatabase
    ) async throws(DeployError) {
        guard old != new else { return }
        if let new { appendObject(new, over: old) }
        let before = try await entries(old, in: store)
        let after = try await entries(new, in: store)
        for name in Set(before.keys).union(after.keys).sorted() {
            try await compare(before[name], after[name], at: path.appending(name), in: store)
        }
    }

    private func entries(_ tree: ObjectID?, in store: some ObjectDatabase) async throws(DeployError) -> [Path:
        TreeEntry]
    {
        guard let tree else { return [:] }
        let entries = try await store.entries(of: tree)
        return Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    }

    private mutating func compare(
        _ old: TreeEntry?, _ new: TreeEntry?, at path: Path, in store: some ObjectDatabase
    ) async throws(DeployError) {
        guard old != new else { return }
        let oldTree = old?.kind == .tree ? old?.id : nil
        let newTree = new?.kind == .tree ? new?.id : nil
        if oldTree != nil || newTree != nil { try await compare(oldTree, newTree, at: path, in: store) }
        let oldFile = oldTree == nil ? old : nil
        let newFile = newTree == nil ? new : nil
        if let newFile {
            files.append(File(path: path, kind: oldFile == nil ? .added : .updated, entry: newFile))
            if newFile.kind.isBlob, newFile.id != oldFile?.id {
                appendObject(newFile.id, over: oldFile?.blob)
            }
        } else if let oldFile {
            files.append(File(path: path, kind: .removed, entry: oldFile))
        }
    }

    private mutating func appendObject(_ id: ObjectID, over base: ObjectID?) {
        if seen.insert(id).inserted { objects.append(PackObject(id, over: base)) }
    }
}

extension TreeEntry {
    fileprivate var blob: ObjectID? { kind.isBlob ? id : nil }
}

/// The ids of all objects reachable from a tree. An object that the Space has under any path is not
/// sent or scanned again.
struct ReachableObjects: Sendable {
    private(set) var trees: Set<ObjectID> = []
    private(set) var blobs: Set<ObjectID> = []

    /// - Parameter tree: `nil` for an empty set.
    init(of tree: ObjectID?, in store: some ObjectDatabase) async throws(DeployError) {
        guard let tree else { return }
        trees = [tree]
        var pending = [tree]
        while let next = pending.popLast() {
            for entry in try await store.entries(of: next) {
                if entry.kind != .tree {
                    blobs.insert(entry.id)
                } else if trees.insert(entry.id).inserted {
                    pending.append(entry.id)
                }
            }
        }
    }

    func contains(_ id: ObjectID) -> Bool { blobs.contains(id) || trees.contains(id) }
}

/// A reader of single paths in a stored tree, with a cache of the directories it opened.
actor TreeReader {
    private let tree: ObjectID
    private let store: any ObjectDatabase
    private var directoryCache: [ObjectID: TreeBuilder] = [:]

    init(_ tree: ObjectID, in store: any ObjectDatabase) { (self.tree, self.store) = (tree, store) }

    /// Returns the node at a path; `nil` if there is none.
    func node(at path: Path) async throws(DeployError) -> TreeBuilder.Node? {
        var node = TreeBuilder.Node.entry(.tree, tree)
        for name in path.names {
            guard case .entry(.tree, let id) = node, let next = try await directory(id)[name] else {
                return nil
            }
            node = next
        }
        return node
    }

    private func directory(_ id: ObjectID) async throws(DeployError) -> TreeBuilder {
        if let cached = directoryCache[id] { return cached }
        let directory = try await TreeBuilder(opening: id, in: store)
        directoryCache[id] = directory
        return directory
    }
}
