import DeploySettings
import DockerSyntax
import DockerfileTemplates
import SpacesModel

/// Which blobs of a source that lies elsewhere a composition reads or sends: what the Space has not at the same place,
/// and the few files whose text is looked at in any case.
struct SourceNeeds<Store: ObjectStoring>: Sendable {
    private let store: Store
    private(set) var blobs: [ObjectID] = []
    private var seen: Set<ObjectID> = []

    init(_ store: Store) { self.store = store }

    mutating func need(_ blob: ObjectID?) {
        if let blob, seen.insert(blob).inserted { blobs.append(blob) }
    }

    /// - Parameter old: the Space's tree.
    mutating func look(
        at draft: TreeDraft, beside old: TreeDraft?, path: Path = .root
    ) async throws(Failure) {
        for (name, node) in draft.nodes {
            let (place, theirs) = (path.appending(name), old?[name])
            if node.isSame(as: theirs) {
                if TreeCheck.wants(place) { need(node.blob) }
            } else if let inner = try await node.opened(in: store) {
                try await look(at: inner, beside: try await theirs?.opened(in: store), path: place)
            } else if TreeCheck.wants(place) || theirs?.blob != node.blob {
                need(node.blob)
            }
        }
    }

    /// Without what went by LFS before and stands on the Space so.
    mutating func leaveOutPointers(of draft: TreeDraft, beside old: TreeDraft) async throws(Failure) {
        let known = await store.rememberedPointers(of: blobs)
        guard !known.isEmpty else { return }
        let theirs = Set(try await TreeDraft.Node.directory(old).blobs(in: store))
        var settled: Set<ObjectID> = []
        for (blob, remembered) in known where remembered.isBinary {
            let pointer = try await store.write(blob: remembered.pointer.bytes)
            if theirs.contains(pointer) { settled.insert(blob) }
        }
        blobs.removeAll(where: settled.contains)
    }

    /// Those that are not at hand.
    var absent: [ObjectID] {
        get async {
            var absent: [ObjectID] = []
            for blob in blobs where await !store.holds(blob) { absent.append(blob) }
            return absent
        }
    }
}

extension TreeDraft.Node {
    /// Every blob at and below it.
    func blobs(in store: some ObjectStoring) async throws(Failure) -> [ObjectID] {
        var (found, waiting): ([ObjectID], [TreeDraft.Node]) = ([], [self])
        while let node = waiting.popLast() {
            if let blob = node.blob {
                found.append(blob)
            } else if let directory = try await node.opened(in: store) {
                waiting += directory.nodes.values
            }
        }
        return found
    }

    /// The very same entry of a stored tree.
    func isSame(as other: TreeDraft.Node?) -> Bool {
        guard case .entry(let kind, let id) = self, case .entry(kind, id)? = other else { return false }
        return true
    }
}

extension Composer {
    /// Brings, in one request, what is to be read of a source that lies elsewhere.
    func supply(_ draft: TreeDraft, from top: TreeDraft, over old: TreeDraft) async throws(Failure) {
        guard let bring = snapshot.supply else { return }
        var needs = SourceNeeds(store)
        try await needs.look(at: draft, beside: old)
        for path in [target.dockerfile, target.cardFile].compactMap({ $0 }) {
            needs.need(try await file(at: path, in: top))
        }
        if draft["Dockerfile"] == nil, target.dockerfile == nil {
            let names = Set(draft.nodes.keys.map(\.description))
            for name in Set(Template.allCases.flatMap { $0.needs(among: names) }) {
                needs.need(draft[Path(name)]?.blob)
            }
        }
        if target.sendsLargeFiles { try await needs.leaveOutPointers(of: draft, beside: old) }
        let absent = await needs.absent
        if !absent.isEmpty { try await bring(absent) }
    }
}
