/// A tree in the making. What nobody touched stays an id and is never read; a directory is opened only where something
/// in it changes.
package struct TreeBuilder: Sendable {
    package indirect enum Node: Sendable {
        /// As it stands in the store: a file, a link, or a whole directory by its id.
        case entry(EntryKind, ObjectID)
        case directory(TreeBuilder)
    }

    package private(set) var nodes: [Path: Node] = [:]
    package var isEmpty: Bool { nodes.isEmpty }

    /// Nothing in it was opened and changed.
    package var isUnmodified: Bool { nodes.values.allSatisfy { if case .entry = $0 { true } else { false } } }

    package init() {}

    init(_ entries: [TreeEntry]) {
        nodes = Dictionary(entries.map { ($0.name, .entry($0.kind, $0.id)) }) { first, _ in first }
    }

    package subscript(name: Path) -> Node? {
        get { nodes[name] }
        set { nodes[name] = newValue }
    }

    /// The whole of a stored tree, opened one level deep.
    package init(opening tree: ObjectID, in store: some ObjectDatabase) async throws(DeployError) {
        self.init(try await store.entries(of: tree))
    }

    /// What stands at a path; nil when nothing does.
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

    /// Puts a node at a path, opening and making the directories above it; a file in the way gives way. nil removes,
    /// and directories that it leaves empty go with it.
    package mutating func set(_ node: Node?, at path: Path, in store: some ObjectDatabase)
        async throws(DeployError)
    {
        guard let name = path.names.first else { return }
        let rest = Path(joining: path.names.dropFirst())
        guard !rest.isRoot else { return nodes[name] = node }
        guard
            var directory = try await nodes[name]?.openDirectory(in: store)
                ?? (node == nil ? nil : TreeBuilder())
        else {
            return
        }
        try await directory.set(node, at: rest, in: store)
        nodes[name] = directory.isEmpty ? nil : .directory(directory)
    }

    /// Lays another tree over this one: its files win, directories merge.
    package mutating func overlay(_ other: TreeBuilder, in store: some ObjectDatabase)
        async throws(DeployError)
    {
        for (name, node) in other.nodes {
            guard var mine = try await nodes[name]?.openDirectory(in: store),
                let theirs = try await node.openDirectory(in: store)
            else {
                nodes[name] = node
                continue
            }
            try await mine.overlay(theirs, in: store)
            nodes[name] = .directory(mine)
        }
    }
}

extension ObjectDatabase {
    /// The README at the top of a tree, which holds the card.
    package func readme(in tree: ObjectID) async throws(DeployError) -> ObjectID? {
        try await entries(of: tree).first { $0.name == "README.md" && $0.kind.isBlob }?.id
    }
}

extension TreeBuilder.Node {
    /// The directory behind a node; nil for a file.
    package func openDirectory(in store: some ObjectDatabase) async throws(DeployError) -> TreeBuilder? {
        switch self {
        case .directory(let directory): directory
        case .entry(.tree, let id): TreeBuilder(try await store.entries(of: id))
        case .entry: nil
        }
    }

    /// The file's blob; nil for a directory or a submodule.
    package var blob: ObjectID? {
        if case .entry(let kind, let id) = self, kind.isBlob { id } else { nil }
    }
}
