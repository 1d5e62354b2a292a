import SpacesModel

extension TreeBuilder {
    /// Puts other blobs in the place of files; what kind each is stays.
    mutating func replace(_ blobs: [Path: ObjectID], in store: some ObjectDatabase) async throws(DeployError)
    {
        for (directory, paths) in Dictionary(grouping: blobs.keys, by: \.parent) {
            guard var opened = try await node(at: directory, in: store)?.openDirectory(in: store) else {
                continue
            }
            for path in paths {
                guard case .entry(let kind, _)? = opened[path.name], let blob = blobs[path] else { continue }
                opened[path.name] = .entry(kind, blob)
            }
            if directory.isRoot {
                self = opened
            } else {
                try await set(.directory(opened), at: directory, in: store)
            }
        }
    }

    /// Of the endings that these paths have, those that no other file has but one that goes by LFS.
    func lfsOnlyExtensions(
        shared paths: [Path], in store: some ObjectDatabase, _ isLFS: (Path) -> Bool
    ) async throws(DeployError) -> Set<Path> {
        var endings = Set(paths.compactMap(\.fileExtension))
        guard !endings.isEmpty else { return [] }
        for path in try await files(at: .root, in: store) {
            guard let ending = path.fileExtension, endings.contains(ending), !isLFS(path) else { continue }
            endings.remove(ending)
        }
        return endings
    }

    /// The regular files at and below a path.
    func files(at path: Path, in store: some ObjectDatabase) async throws(DeployError) -> [Path] {
        guard let node = try await node(at: path, in: store) else { return [] }
        guard let directory = try await node.openDirectory(in: store) else {
            return node.file?.isRegular == true ? [path] : []
        }
        var (found, waiting): ([Path], [(Path, TreeBuilder)]) = ([], [(path, directory)])
        while let (path, directory) = waiting.popLast() {
            for (name, node) in directory.nodes {
                let place = path.appending(name)
                if let inner = try await node.openDirectory(in: store) {
                    waiting.append((place, inner))
                } else if node.file?.isRegular == true {
                    found.append(place)
                }
            }
        }
        return found
    }
}
