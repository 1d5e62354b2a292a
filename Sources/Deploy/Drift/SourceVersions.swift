import SpacesModel

/// The versions that some files have in the newest commits of the source. One walk finds those of all of them.
struct SourceVersions<Store: ObjectStoring & HistoryReading>: Sendable {
    private let store: Store
    private let wanted: WantedFiles
    private var versions: [Path: Set<FileMark>] = [:]
    /// The trees that were read, by directory: most commits change few of them.
    private var read: [Path: Set<ObjectID>] = [:]
    private var links: Set<Path> = []

    /// How many commits are looked at, and how many symlinks are followed in all of them.
    private static var limits: (commits: Int, links: Int) { (1_000, 20_000) }

    /// - Parameter places: paths of the source.
    init(of places: Set<Path>, from tip: ObjectID, in store: Store) async throws(Failure) {
        self.store = store
        wanted = WantedFiles(places)
        let trees = await store.newestCommits(from: tip, limit: Self.limits.commits).map(\.tree)
        for tree in trees {
            try await Self.unlessMissing { () async throws(Failure) in try await collect(tree) }
        }
        var followed = 0
        for tree in trees {
            guard !links.isEmpty, followed < Self.limits.links else { return }
            followed += links.count
            try await Self.unlessMissing { () async throws(Failure) in try await followLinks(in: tree) }
        }
    }

    /// The versions of a file; those of the file behind it, too, if it is or was a symlink.
    func versions(at place: Path) -> Set<FileMark> { versions[place] ?? [] }

    /// A shallow or partial clone lacks trees: what it has is looked at.
    private static func unlessMissing(_ work: () async throws(Failure) -> Void) async throws(Failure) {
        guard !Task.isCancelled else { throw Failure(.interrupted, "interrupted") }
        do throws(Failure) { try await work() } catch {
            guard error.kind == .source else { throw error }
        }
    }

    private mutating func collect(_ root: ObjectID) async throws(Failure) {
        var waiting = [(directory: Path.root, wanted: wanted, tree: root)]
        while let (directory, wanted, tree) = waiting.popLast() {
            guard read[directory, default: []].insert(tree).inserted else { continue }
            for entry in try await store.entries(of: tree) {
                guard let inner = wanted.below[entry.name] else { continue }
                let place = directory.appending(entry.name)
                guard entry.kind != .tree else {
                    waiting.append((place, inner, entry.id))
                    continue
                }
                guard inner.isFile else { continue }
                versions[place, default: []].insert(FileMark(kind: entry.kind, id: entry.id))
                if entry.kind == .symlink { links.insert(place) }
            }
        }
    }

    private mutating func followLinks(in root: ObjectID) async throws(Failure) {
        let top = try await TreeDraft(opening: root, in: store)
        for place in links {
            let file = try await top.following(place, in: store) { (blob) async throws(Failure) in
                try await store.content(of: blob)
            }
            guard case .file(_, let kind, let id) = file else { continue }
            versions[place, default: []].insert(FileMark(kind: kind, id: id))
        }
    }
}
