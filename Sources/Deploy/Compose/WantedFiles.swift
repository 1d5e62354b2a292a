import SpacesModel

/// A set of paths arranged as a tree, so that one walk over a stored tree finds all of them.
struct PathTrie: Sendable {
    private(set) var children: [Path: PathTrie] = [:]
    private(set) var isFile = false

    init(_ paths: some Sequence<Path>) {
        for place in paths { add(place.names[...]) }
    }

    private init() {}

    private mutating func add(_ names: ArraySlice<Path>) {
        guard let first = names.first else { return isFile = true }
        children[first, default: PathTrie()].add(names.dropFirst())
    }
}

extension TreeBuilder {
    /// The files at these paths. Paths without a file are left out.
    func files(at paths: some Sequence<Path>, in store: some ObjectDatabase) async throws(DeployError)
        -> [Path:
        BlobVersion]
    {
        var files: [Path: BlobVersion] = [:]
        var waiting = [(place: Path.root, wanted: PathTrie(paths), directory: self)]
        while let (place, wanted, directory) = waiting.popLast() {
            for (name, inner) in wanted.children {
                guard let node = directory[name] else { continue }
                if inner.isFile, let file = node.file { files[place.appending(name)] = file }
                guard !inner.children.isEmpty, let opened = try await node.openDirectory(in: store) else {
                    continue
                }
                waiting.append((place.appending(name), inner, opened))
            }
        }
        return files
    }
}
