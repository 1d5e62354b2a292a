import SpacesModel

/// The versions of a set of files in the newest commits of the source, collected in one walk.
struct SourceVersions: Sendable {
    private let store: any ObjectDatabase
    private let requestedFiles: PathTrie
    private var versions: [Path: Set<BlobVersion>] = [:]
    /// The trees that were read already, by directory: most commits change few of them.
    private var readTrees: [Path: Set<ObjectID>] = [:]
    private var links: Set<Path> = []

    /// The maximum number of commits that are read, and of symlinks that are followed in all of them.
    private static var limits: (commits: Int, links: Int) { (1_000, 20_000) }

    /// - Parameter paths: paths of the source.
    init(of paths: Set<Path>, from tip: ObjectID, in store: any ObjectDatabase) async throws(DeployError) {
        self.store = store
        requestedFiles = PathTrie(paths)
        let trees = await store.newestCommits(from: tip, limit: Self.limits.commits).map(\.tree)
        for tree in trees {
            try await Self.ignoringMissingObjects { () async throws(DeployError) in try await collect(tree) }
        }
        var followedLinks = 0
        for tree in trees {
            guard !links.isEmpty, followedLinks < Self.limits.links else { return }
            followedLinks += links.count
            try await Self.ignoringMissingObjects { () async throws(DeployError) in
                try await followLinks(in: tree)
            }
        }
    }

    /// Returns the versions of a file, including those of the file that it points to if it is or was a
    /// symlink.
    func versions(at path: Path) -> Set<BlobVersion> { versions[path] ?? [] }

    /// Runs `work` and ignores missing objects, because a shallow or partial clone lacks some trees.
    private static func ignoringMissingObjects(_ work: () async throws(DeployError) -> Void)
        async throws(DeployError)
    {
        guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
        do throws(DeployError) { try await work() } catch {
            guard error.kind == .source else { throw error }
        }
    }

    private mutating func collect(_ root: ObjectID) async throws(DeployError) {
        var queue = [(directory: Path.root, requested: requestedFiles, tree: root)]
        while let (directory, requested, tree) = queue.popLast() {
            guard readTrees[directory, default: []].insert(tree).inserted else { continue }
            for entry in try await store.entries(of: tree) {
                guard let child = requested.children[entry.name] else { continue }
                let path = directory.appending(entry.name)
                guard entry.kind != .tree else {
                    queue.append((path, child, entry.id))
                    continue
                }
                guard child.isFile else { continue }
                versions[path, default: []].insert(BlobVersion(kind: entry.kind, id: entry.id))
                if entry.kind == .symlink { links.insert(path) }
            }
        }
    }

    private mutating func followLinks(in root: ObjectID) async throws(DeployError) {
        let top = try await TreeBuilder(opening: root, in: store)
        for path in links {
            let file = try await top.resolveSymlinks(path, in: store) { (blob) async throws(DeployError) in
                try await store.content(of: blob)
            }
            guard case .file(_, let kind, let id) = file else { continue }
            versions[path, default: []].insert(BlobVersion(kind: kind, id: id))
        }
    }
}
