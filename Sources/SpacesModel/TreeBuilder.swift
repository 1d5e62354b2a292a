/// A builder for a modified tree. Unmodified subtrees remain ids and are never read; a directory is
/// read only if an entry inside changes.
package struct TreeBuilder: Sendable {
    package indirect enum Node: Sendable {
        /// A stored object: a file, a link, or a complete directory.
        case entry(EntryKind, ObjectID)
        case directory(TreeBuilder)
    }

    package private(set) var nodes: [Path: Node] = [:]
    package var isEmpty: Bool { nodes.isEmpty }

    /// Whether every entry is still the original object, so that the tree need not be rewritten.
    package var isUnmodified: Bool { nodes.values.allSatisfy { if case .entry = $0 { true } else { false } } }

    package init() {}

    init(_ entries: [TreeEntry]) {
        nodes = Dictionary(entries.map { ($0.name, .entry($0.kind, $0.id)) }) { first, _ in first }
    }

    package subscript(name: Path) -> Node? {
        get { nodes[name] }
        set { nodes[name] = newValue }
    }

    /// Creates a builder with the entries of a stored tree; its subtrees are not read.
    package init(opening tree: ObjectID, in store: some ObjectDatabase) async throws(DeployError) {
        self.init(try await store.entries(of: tree))
    }

    /// Returns the node at a path; `nil` if there is none.
    package func node(at path: Path, in store: some ObjectDatabase) async throws(DeployError) -> Node? {
        var node = Node.directory(self)
        for name in path.names {
            guard let directory = try await node.openDirectory(in: store), let next = directory[name] else {
                return nil
            }
            node = next
        }
        return node
    }

    /// Sets the node at a path. Parent directories are read or created, and a file in place of one
    /// of them is replaced. `nil` removes the node, and also directories that become empty.
    package mutating func set(_ node: Node?, at path: Path, in store: some ObjectDatabase)
        async throws(DeployError)
    {
        guard let name = path.names.first else { return }
        let remainingPath = Path(joining: path.names.dropFirst())
        guard !remainingPath.isRoot else { return nodes[name] = node }
        guard
            var directory = try await nodes[name]?.openDirectory(in: store)
                ?? (node == nil ? nil : TreeBuilder())
        else {
            return
        }
        try await directory.set(node, at: remainingPath, in: store)
        nodes[name] = directory.isEmpty ? nil : .directory(directory)
    }

    /// Adds a file at `filePath`, or the entries of a directory at `path`. Files replace existing ones,
    /// directories are merged.
    package mutating func overlay(
        _ node: Node, at path: Path, orFileAt filePath: Path, in store: some ObjectDatabase
    ) async throws(DeployError) {
        guard let directory = try await node.openDirectory(in: store) else {
            return try await set(node, at: filePath, in: store)
        }
        var merged = try await self.node(at: path, in: store)?.openDirectory(in: store) ?? TreeBuilder()
        for (name, child) in directory.nodes {
            if child.isDirectory, merged.nodes[name]?.isDirectory == true {
                try await merged.overlay(child, at: name, orFileAt: name, in: store)
            } else {
                merged.nodes[name] = child
            }
        }
        if path.isRoot { self = merged } else { try await set(.directory(merged), at: path, in: store) }
    }
}

extension ObjectDatabase {
    /// Returns the blob of the README at the root of a tree, which contains the card; `nil` if
    /// there is none.
    package func readme(in tree: ObjectID) async throws(DeployError) -> ObjectID? {
        try await entries(of: tree).first { $0.name == "README.md" && $0.kind.isBlob }?.id
    }
}

extension TreeBuilder.Node {
    package var isDirectory: Bool {
        switch self {
        case .directory, .entry(.tree, _): true
        case .entry: false
        }
    }

    /// Returns the directory of a node, reading it if necessary; `nil` for a file.
    package func openDirectory(in store: some ObjectDatabase) async throws(DeployError) -> TreeBuilder? {
        switch self {
        case .directory(let directory): directory
        case .entry(.tree, let id): TreeBuilder(try await store.entries(of: id))
        case .entry: nil
        }
    }

    /// The blob of a file or symbolic link; `nil` for a directory or a submodule.
    package var blob: ObjectID? {
        if case .entry(let kind, let id) = self, kind.isBlob { id } else { nil }
    }
}
