import DeploySettings
import DockerSyntax
import DockerfileTemplates
import SpacesModel

/// Which blobs of a source that lies elsewhere a composition reads or sends: what the Space has not at the same place,
/// and the few files whose text is looked at in any case.
struct BlobRequirements<Store: ObjectDatabase>: Sendable {
    private let store: Store
    private(set) var blobs: [ObjectID] = []
    private var seen: Set<ObjectID> = []

    init(_ store: Store) { self.store = store }

    mutating func add(_ blob: ObjectID?) {
        if let blob, seen.insert(blob).inserted { blobs.append(blob) }
    }

    /// - Parameter old: the Space's tree.
    mutating func collect(
        at draft: TreeBuilder, beside old: TreeBuilder?, path: Path = .root
    ) async throws(DeployError) {
        for (name, node) in draft.nodes {
            let (place, theirs) = (path.appending(name), old?[name])
            if node.isSame(as: theirs) {
                if TreeCheck.reads(place) { add(node.blob) }
            } else if let inner = try await node.openDirectory(in: store) {
                try await collect(at: inner, beside: try await theirs?.openDirectory(in: store), path: place)
            } else if TreeCheck.reads(place) || theirs?.blob != node.blob {
                add(node.blob)
            }
        }
    }

    /// Without what went by LFS before and stands on the Space so.
    mutating func removeKnownPointers(of draft: TreeBuilder, beside old: TreeBuilder)
        async throws(DeployError)
    {
        let known = await store.cachedPointers(of: blobs)
        guard !known.isEmpty else { return }
        let theirs = Set(try await TreeBuilder.Node.directory(old).blobs(in: store))
        var settled: Set<ObjectID> = []
        for (blob, remembered) in known where remembered.isBinary {
            let pointer = try await store.write(blob: remembered.pointer.bytes)
            if theirs.contains(pointer) { settled.insert(blob) }
        }
        blobs.removeAll(where: settled.contains)
    }

    /// Those that are not at hand.
    var missingBlobs: [ObjectID] {
        get async {
            var absent: [ObjectID] = []
            for blob in blobs where await !store.contains(blob) { absent.append(blob) }
            return absent
        }
    }
}

extension TreeBuilder.Node {
    /// Every blob at and below it.
    func blobs(in store: some ObjectDatabase) async throws(DeployError) -> [ObjectID] {
        var (found, waiting): ([ObjectID], [TreeBuilder.Node]) = ([], [self])
        while let node = waiting.popLast() {
            if let blob = node.blob {
                found.append(blob)
            } else if let directory = try await node.openDirectory(in: store) {
                waiting += directory.nodes.values
            }
        }
        return found
    }

    /// The very same entry of a stored tree.
    func isSame(as other: TreeBuilder.Node?) -> Bool {
        guard case .entry(let kind, let id) = self, case .entry(kind, id)? = other else { return false }
        return true
    }
}

extension TreeComposer {
    /// Brings, in one request, what is to be read of a source that lies elsewhere.
    func fetchMissingSourceBlobs(_ draft: TreeBuilder, from top: TreeBuilder, over old: TreeBuilder)
        async throws(DeployError)
    {
        guard let bring = snapshot.fetchBlobs else { return }
        var needs = BlobRequirements(store)
        try await needs.collect(at: draft, beside: old)
        for path in [target.dockerfile, target.cardFile].compactMap({ $0 }) {
            needs.add(try await file(at: path, in: top))
        }
        if draft["Dockerfile"] == nil, target.dockerfile == nil {
            let names = Set(draft.nodes.keys.map(\.description))
            for name in Set(Template.allCases.flatMap { $0.requiredFiles(among: names) }) {
                needs.add(draft[Path(name)]?.blob)
            }
        }
        if target.usesLFS { try await needs.removeKnownPointers(of: draft, beside: old) }
        let absent = await needs.missingBlobs
        if !absent.isEmpty { try await bring(absent) }
    }
}
