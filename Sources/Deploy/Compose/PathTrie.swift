import SpacesModel

/// A set of paths as a trie, so that one traversal of a stored tree finds all of them.
struct PathTrie: Sendable {
    private(set) var children: [Path: PathTrie] = [:]
    private(set) var isFile = false

    init(_ paths: some Sequence<Path>) {
        for path in paths { add(path.names[...]) }
    }

    private init() {}

    private mutating func add(_ names: ArraySlice<Path>) {
        guard let first = names.first else { return isFile = true }
        children[first, default: PathTrie()].add(names.dropFirst())
    }
}

extension TreeBuilder {
    /// Returns the files at the paths. Paths without a file are omitted.
    func files(at paths: some Sequence<Path>, in store: some ObjectDatabase) async throws(DeployError)
        -> [Path:
        BlobVersion]
    {
        var files: [Path: BlobVersion] = [:]
        var pending = [(path: Path.root, trie: PathTrie(paths), directory: self)]
        while let (path, trie, directory) = pending.popLast() {
            for (name, child) in trie.children {
                guard let node = directory[name] else { continue }
                if child.isFile, let file = node.file { files[path.appending(name)] = file }
                guard !child.children.isEmpty, let subdirectory = try await node.openDirectory(in: store)
                else {
                    continue
                }
                pending.append((path.appending(name), child, subdirectory))
            }
        }
        return files
    }
}
