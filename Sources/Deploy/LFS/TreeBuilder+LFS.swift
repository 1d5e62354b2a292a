import SpacesModel

extension TreeBuilder {
    /// Replaces the blobs of files and keeps their modes.
    mutating func replace(_ blobs: [Path: ObjectID], in store: some ObjectDatabase) async throws(DeployError)
    {
        for (directory, paths) in Dictionary(grouping: blobs.keys, by: \.parent) {
            guard var subtree = try await node(at: directory, in: store)?.openDirectory(in: store) else {
                continue
            }
            for path in paths {
                guard case .entry(let kind, _)? = subtree[path.name], let blob = blobs[path] else { continue }
                subtree[path.name] = .entry(kind, blob)
            }
            if directory.isRoot {
                self = subtree
            } else {
                try await set(.directory(subtree), at: directory, in: store)
            }
        }
    }

    /// Returns the extensions of these paths that belong only to files sent by LFS.
    func lfsOnlyExtensions(
        shared paths: [Path], in store: some ObjectDatabase, _ isLFS: (Path) -> Bool
    ) async throws(DeployError) -> Set<Path> {
        var extensions = Set(paths.compactMap(\.fileExtension))
        guard !extensions.isEmpty else { return [] }
        for path in try await files(at: .root, in: store) {
            guard let pathExtension = path.fileExtension, extensions.contains(pathExtension), !isLFS(path)
            else { continue }
            extensions.remove(pathExtension)
        }
        return extensions
    }

    /// Returns the regular files at and below a path.
    func files(at path: Path, in store: some ObjectDatabase) async throws(DeployError) -> [Path] {
        guard let node = try await node(at: path, in: store) else { return [] }
        guard let directory = try await node.openDirectory(in: store) else {
            return node.file?.isRegular == true ? [path] : []
        }
        var (files, queue): ([Path], [(Path, TreeBuilder)]) = ([], [(path, directory)])
        while let (path, directory) = queue.popLast() {
            for (name, node) in directory.nodes {
                let entryPath = path.appending(name)
                if let subtree = try await node.openDirectory(in: store) {
                    queue.append((entryPath, subtree))
                } else if node.file?.isRegular == true {
                    files.append(entryPath)
                }
            }
        }
        return files
    }
}
