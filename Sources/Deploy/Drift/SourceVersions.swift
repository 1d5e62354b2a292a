import SpacesModel

/// The versions that some files have in the newest commits of the source. One walk finds those of all of them.
struct SourceVersions<Store: ObjectDatabase>: Sendable {
    private let store: Store
    private let requestedFiles: PathTrie
    private var versions: [Path: Set<BlobVersion>] = [:]
    /// The trees that were read, by directory: most commits change few of them.
    private var readTrees: [Path: Set<ObjectID>] = [:]
    private var links: Set<Path> = []

    /// How many commits are looked at, and how many symlinks are followed in all of them.
    private static var limits: (commits: Int, links: Int) { (1_000, 20_000) }

    /// - Parameter places: paths of the source.
    init(of paths: Set<Path>, from tip: ObjectID, in store: Store) async throws(DeployError) {
        self.store = store
        requestedFiles = PathTrie(paths)
        let trees = await store.newestCommits(from: tip, limit: Self.limits.commits).map(\.tree)
        for tree in trees {
            try await Self.ignoringMissingObjects { () async throws(DeployError) in try await collect(tree) }
        }
        var followed = 0
        for tree in trees {
            guard !links.isEmpty, followed < Self.limits.links else { return }
            followed += links.count
            try await Self.ignoringMissingObjects { () async throws(DeployError) in
                try await followLinks(in: tree)
            }
        }
    }

    /// The versions of a file; those of the file behind it, too, if it is or was a symlink.
    func versions(at path: Path) -> Set<BlobVersion> { versions[path] ?? [] }

    /// A shallow or partial clone lacks trees: what it has is looked at.
    private static func ignoringMissingObjects(_ work: () async throws(DeployError) -> Void)
        async throws(DeployError)
    {
        guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
        do throws(DeployError) { try await work() } catch {
            guard error.kind == .source else { throw error }
        }
    }

    private mutating func collect(_ root: ObjectID) async throws(DeployError) {
        var waiting = [(directory: Path.root, wanted: requestedFiles, tree: root)]
        while let (directory, wanted, tree) = waiting.popLast() {
            guard readTrees[directory, default: []].insert(tree).inserted else { continue }
            for entry in try await store.entries(of: tree) {
                guard let inner = wanted.children[entry.name] else { continue }
                let place = directory.appending(entry.name)
                guard entry.kind != .tree else {
                    waiting.append((place, inner, entry.id))
                    continue
                }
                guard inner.isFile else { continue }
                versions[place, default: []].insert(BlobVersion(kind: entry.kind, id: entry.id))
                if entry.kind == .symlink { links.insert(place) }
            }
        }
    }

    private mutating func followLinks(in root: ObjectID) async throws(DeployError) {
        let top = try await TreeBuilder(opening: root, in: store)
        for place in links {
            let file = try await top.resolveSymlinks(place, in: store) { (blob) async throws(DeployError) in
                try await store.content(of: blob)
            }
            guard case .file(_, let kind, let id) = file else { continue }
            versions[place, default: []].insert(BlobVersion(kind: kind, id: id))
        }
    }
}
