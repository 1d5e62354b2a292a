import SpacesModel

/// Finds the files of a tree in the making that may have to go by LFS. What stands on the Space as it is was let in
/// there, so that a directory that is the same on both sides, under the same rules, is not looked into.
struct LFSCandidateFinder<Store: ObjectDatabase>: Sendable {
    struct Candidate: Hashable, Sendable {
        var path: Path
        var entry: TreeEntry
        /// The Space has the very same file at this place, under other rules.
        var isOnSpace: Bool
    }

    let store: Store
    /// As they stand in the tree.
    private(set) var candidates: [Candidate] = []
    /// Every `.gitattributes` that was met, by its directory.
    private(set) var rules: [Path: ObjectID] = [:]

    init(_ draft: TreeBuilder, beside old: TreeBuilder, in store: Store) async throws(DeployError) {
        self.store = store
        try await search(draft, beside: old, at: .root, isSame: true)
    }

    private mutating func search(
        _ draft: TreeBuilder, beside old: TreeBuilder?, at path: Path, isSame: Bool
    ) async throws(DeployError) {
        rules[path] = draft.attributes
        let isSame = isSame && old?.attributes == rules[path]
        for (name, node) in draft.nodes.sorted(by: { $0.key < $1.key }) {
            let (place, theirs) = (path.appending(name), old?[name])
            if isSame, node.isSame(as: theirs) { continue }
            if let inner = try await node.openDirectory(in: store) {
                let beside = try await theirs?.openDirectory(in: store)
                try await search(inner, beside: beside, at: place, isSame: isSame)
            } else if let mark = node.file, mark.isRegular, !TreeCheck.reads(place) {
                let isOnSpace = theirs?.blob == mark.id
                // Where the rules are the same, too, nothing of it can change.
                guard !isOnSpace || !isSame else { continue }
                let entry = TreeEntry(name: name, kind: mark.kind, id: mark.id)
                candidates.append(Candidate(path: place, entry: entry, isOnSpace: isOnSpace))
            }
        }
    }
}

extension TreeBuilder {
    /// The blob of its `.gitattributes`.
    var attributes: ObjectID? {
        self[".gitattributes"]?.file.flatMap { $0.isRegular ? $0.id : nil }
    }
}
