import DeploySettings
import DockerSyntax
import DockerfileTemplates
import SpacesModel

/// The blobs of a remote source that composing the tree reads or the push sends: those that the Space
/// does not have at the same path, and the few files whose text is always read.
struct BlobRequirements: Sendable {
    private let store: any ObjectDatabase
    private(set) var blobs: [ObjectID] = []
    private var seen: Set<ObjectID> = []

    init(_ store: any ObjectDatabase) { self.store = store }

    mutating func add(_ blob: ObjectID?) {
        if let blob, seen.insert(blob).inserted { blobs.append(blob) }
    }

    /// Collects the blobs of `draft` that differ from the Space's tree.
    /// - Parameter old: the Space's tree.
    mutating func collect(
        at draft: TreeBuilder, beside old: TreeBuilder?, path: Path = .root
    ) async throws(DeployError) {
        for (name, node) in draft.nodes {
            let (childPath, spaceNode) = (path.appending(name), old?[name])
            if node.isSame(as: spaceNode) {
                if TreeCheck.reads(childPath) { add(node.blob) }
            } else if let directory = try await node.openDirectory(in: store) {
                try await collect(
                    at: directory, beside: try await spaceNode?.openDirectory(in: store), path: childPath)
            } else if TreeCheck.reads(childPath) || spaceNode?.blob != node.blob {
                add(node.blob)
            }
        }
    }

    /// Removes the blobs that an earlier deploy sent by LFS and to which the Space already has a
    /// pointer.
    mutating func removeKnownPointers(of draft: TreeBuilder, beside old: TreeBuilder)
        async throws(DeployError)
    {
        let cached = await store.cachedPointers(of: blobs)
        guard !cached.isEmpty else { return }
        let spaceBlobs = Set(try await TreeBuilder.Node.directory(old).blobs(in: store))
        var uploaded: Set<ObjectID> = []
        for (blob, entry) in cached where entry.isBinary {
            let pointer = try await store.write(blob: entry.pointer.bytes)
            if spaceBlobs.contains(pointer) { uploaded.insert(blob) }
        }
        blobs.removeAll(where: uploaded.contains)
    }

    /// The collected blobs that are missing from the local store.
    var missingBlobs: [ObjectID] {
        get async {
            var missing: [ObjectID] = []
            for blob in blobs where await !store.contains(blob) { missing.append(blob) }
            return missing
        }
    }
}

extension TreeBuilder.Node {
    /// Returns every blob at or below the node.
    func blobs(in store: some ObjectDatabase) async throws(DeployError) -> [ObjectID] {
        var (found, pending): ([ObjectID], [TreeBuilder.Node]) = ([], [self])
        while let node = pending.popLast() {
            if let blob = node.blob {
                found.append(blob)
            } else if let directory = try await node.openDirectory(in: store) {
                pending += directory.nodes.values
            }
        }
        return found
    }

    /// Whether both nodes are the same entry of a stored tree: same kind, same id.
    func isSame(as other: TreeBuilder.Node?) -> Bool {
        guard case .entry(let kind, let id) = self, case .entry(kind, id)? = other else { return false }
        return true
    }
}
