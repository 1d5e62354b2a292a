import GitPatterns
import SpacesModel

extension TreeBuilder {
    /// The blob of its `.gitattributes`.
    var attributes: ObjectID? {
        self[".gitattributes"]?.file.flatMap { $0.isRegular ? $0.id : nil }
    }

    /// Opens the directories whose stored bytes differ from Git's canonical encoding, so that they
    /// are written again: the Space gets trees that pass `git fsck --strict`.
    mutating func openNonCanonicalTrees(in store: some ObjectDatabase) async throws(DeployError) {
        guard await store.hasNonCanonicalTrees else { return }
        var known: [ObjectID: Bool] = [:]
        try await openNonCanonicalTrees(&known, in: store)
    }

    private mutating func openNonCanonicalTrees(
        _ known: inout [ObjectID: Bool], in store: some ObjectDatabase
    ) async throws(DeployError) {
        for (name, node) in nodes where node.isDirectory {
            if case .entry(_, let id) = node {
                let needsRewrite = try await store.containsTree(in: id, &known) {
                    (tree) async throws(DeployError) in
                    try await store.isNonCanonical(tree)
                }
                if !needsRewrite { continue }
            }
            guard var directory = try await node.openDirectory(in: store) else { continue }
            try await directory.openNonCanonicalTrees(&known, in: store)
            self[name] = .directory(directory)
        }
    }

    /// Writes the opened directories; returns `nil` for an empty tree, which Git does not store.
    /// - Throws: kind `refused` for a name that Git, NTFS or HFS+ would misread, with its full path.
    func write(to store: some ObjectDatabase, at path: Path = .root) async throws(DeployError) -> ObjectID? {
        var entries: [TreeEntry] = []
        for (name, node) in nodes {
            let childPath = path.appending(name)
            switch node {
            case .entry(let kind, let id):
                try Self.check(name, kind, at: childPath)
                entries.append(TreeEntry(name: name, kind: kind, id: id))
            case .directory(let directory):
                try Self.check(name, .tree, at: childPath)
                guard let id = try await directory.write(to: store, at: childPath) else { continue }
                entries.append(TreeEntry(name: name, kind: .tree, id: id))
            }
        }
        return entries.isEmpty ? nil : try await store.write(tree: entries)
    }

    private static func check(_ name: Path, _ kind: EntryKind, at path: Path) throws(DeployError) {
        guard let finding = Finding(invalidName: name, kind, at: path) else { return }
        throw DeployError(
            .refused, "\(path.shown): \(finding.reason)", findings: [finding], hint: finding.fix)
    }

    /// Returns the selected part of this tree. A directory that is selected completely stays an id
    /// and is not read.
    func selected(
        by selection: Selection, at path: Path = .root, tracker: inout UnmatchedPatternTracker,
        in store: some ObjectDatabase
    ) async throws(DeployError) -> TreeBuilder {
        var chosen = TreeBuilder()
        for (name, node) in nodes {
            let childPath = path.appending(name)
            tracker.record(childPath, isDirectory: node.isDirectory)
            guard node.isDirectory else {
                if selection.selects(childPath, isDirectory: false) { chosen[name] = node }
                continue
            }
            let coverage = selection.coverage(forDirectory: childPath)
            guard coverage == .some || tracker.mayMatch(inside: childPath) else {
                if coverage == .all { chosen[name] = node }
                continue
            }
            guard let directory = try await node.openDirectory(in: store) else { continue }
            let part = try await directory.selected(
                by: selection, at: childPath, tracker: &tracker, in: store)
            // A directory that was read but is unchanged stays an id, so it is not written again.
            if part.isUnmodified, part.nodes.count == directory.nodes.count {
                chosen[name] = node
            } else if !part.isEmpty {
                chosen[name] = .directory(part)
            }
        }
        return chosen
    }

    /// Returns paths in this tree, directories included, for "did you mean": at most `limit`, breadth
    /// first.
    func paths(limit: Int = 20_000, in store: some ObjectDatabase) async throws(DeployError) -> [Path] {
        var found: [Path] = []
        var pending: [(Path, TreeBuilder)] = [(.root, self)]
        while let (path, directory) = pending.first, found.count < limit {
            pending.removeFirst()
            for (name, node) in directory.nodes {
                let childPath = path.appending(name)
                found.append(childPath)
                if let subdirectory = try await node.openDirectory(in: store) {
                    pending.append((childPath, subdirectory))
                }
            }
        }
        return found
    }

    /// Replaces the blobs of files and keeps their modes.
    mutating func replace(_ blobs: [Path: ObjectID], in store: some ObjectDatabase) async throws(DeployError)
    {
        for (directory, paths) in Dictionary(grouping: blobs.keys, by: \.parent) {
            guard var subtree = try await node(at: directory, in: store)?.openDirectory(in: store) else {
                continue
            }
            for path in paths {
                guard case .entry(let kind, _)? = subtree[path.name], let blob = blobs[path] else { continue }
                subtree[path.name] = .entry(kind, blob)
            }
            if directory.isRoot {
                self = subtree
            } else {
                try await set(.directory(subtree), at: directory, in: store)
            }
        }
    }

    /// Returns the extensions of these paths that belong only to files sent by LFS.
    func lfsOnlyExtensions(
        shared paths: [Path], in store: some ObjectDatabase, _ isLFS: (Path) -> Bool
    ) async throws(DeployError) -> Set<Path> {
        var extensions = Set(paths.compactMap(\.fileExtension))
        guard !extensions.isEmpty else { return [] }
        for path in try await files(at: .root, in: store) {
            guard let pathExtension = path.fileExtension, extensions.contains(pathExtension), !isLFS(path)
            else { continue }
            extensions.remove(pathExtension)
        }
        return extensions
    }

    /// Returns the regular files at and below a path.
    func files(at path: Path, in store: some ObjectDatabase) async throws(DeployError) -> [Path] {
        guard let node = try await node(at: path, in: store) else { return [] }
        guard let directory = try await node.openDirectory(in: store) else {
            return node.file?.isRegular == true ? [path] : []
        }
        var (files, queue): ([Path], [(Path, TreeBuilder)]) = ([], [(path, directory)])
        while let (path, directory) = queue.popLast() {
            for (name, node) in directory.nodes {
                let entryPath = path.appending(name)
                if let subtree = try await node.openDirectory(in: store) {
                    queue.append((entryPath, subtree))
                } else if node.file?.isRegular == true {
                    files.append(entryPath)
                }
            }
        }
        return files
    }

    /// Whether a file at this path would replace something else: a directory at the path, or a file at
    /// a parent path.
    func isObstructed(at path: Path, in store: some ObjectDatabase) async throws(DeployError)
        -> Bool
    {
        if try await node(at: path, in: store)?.isDirectory == true { return true }
        var parent = path.parent
        while !parent.isRoot {
            if try await node(at: parent, in: store)?.file != nil { return true }
            parent = parent.parent
        }
        return false
    }

    /// Returns the number of files in a stored tree.
    static func fileCount(of tree: ObjectID, in store: some ObjectDatabase) async throws(DeployError) -> Int {
        var count = 0
        var queue = [tree]
        while let next = queue.popLast() {
            for entry in try await store.entries(of: next) {
                if entry.kind == .tree { queue.append(entry.id) } else { count += 1 }
            }
        }
        return count
    }
}

extension ObjectDatabase {
    /// Returns whether a stored tree or one of its subtrees matches. Checks each tree once.
    /// - Parameter known: the results so far, by tree.
    func containsTree(
        in tree: ObjectID, _ known: inout [ObjectID: Bool],
        where matches: (ObjectID) async throws(DeployError) -> Bool
    ) async throws(DeployError) -> Bool {
        if let result = known[tree] { return result }
        guard await contains(tree) else { return false }
        var result = try await matches(tree)
        for entry in try await entries(of: tree) where entry.kind == .tree && !result {
            result = try await containsTree(in: entry.id, &known, where: matches)
        }
        known[tree] = result
        return result
    }
}
