import SpacesModel

/// Finds the files of a composed tree that may have to be sent by LFS. Skips directories that are
/// equal on the Space under the same rules: the Space has accepted their files.
struct LFSCandidateFinder<Store: ObjectDatabase>: Sendable {
    struct Candidate: Hashable, Sendable {
        var path: Path
        var entry: TreeEntry
        /// Whether the Space has the same file at this path, under other rules.
        var isOnSpace: Bool
    }

    let store: Store
    /// In the order of the tree.
    private(set) var candidates: [Candidate] = []
    /// Every `.gitattributes` found, by its directory.
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
            let (entryPath, oldNode) = (path.appending(name), old?[name])
            if isSame, node.isSame(as: oldNode) { continue }
            if let directory = try await node.openDirectory(in: store) {
                let oldDirectory = try await oldNode?.openDirectory(in: store)
                try await search(directory, beside: oldDirectory, at: entryPath, isSame: isSame)
            } else if let version = node.file, version.isRegular, !TreeCheck.reads(entryPath) {
                let isOnSpace = oldNode?.blob == version.id
                // Under the same rules, too, nothing can change for the file.
                guard !isOnSpace || !isSame else { continue }
                let entry = TreeEntry(name: name, kind: version.kind, id: version.id)
                candidates.append(Candidate(path: entryPath, entry: entry, isOnSpace: isOnSpace))
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
