import DeploySettings
import SpacesModel
import TextTools

extension SourceSnapshot {
    /// Logs the commit that is deployed; warns about uncommitted changes, which are not deployed.
    func log(_ emit: EventHandler) {
        emit(
            .source(
                SourceSummary(
                    repository: repository, branch: branch?.shortened(to: ShownLimit.branch),
                    commit: commit.id, subject: commit.shownSubject)))
        guard uncommitted > 0 else { return }
        let changes = counted(uncommitted, "uncommitted change")
        emit(.warning("not deployed: \(changes) in the work tree"))
    }

    /// Returns the snapshot with the untracked files that `add` names, written to the store as a tree
    /// of their own. The composer overlays that tree on the commit's.
    /// - Parameter isOwn: whether the source is the caller's own work tree, from which `add` may read.
    /// - Throws: kind `settings` if there is no file at FROM, or no work tree.
    func adding(
        _ mappings: [Mapping], from source: some SourceRepository, isOwn: Bool, to store: some ObjectDatabase
    ) async throws(DeployError) -> SourceSnapshot {
        var snapshot = self
        for mapping in mappings {
            guard isOwn else {
                throw DeployError(
                    .settings,
                    "add = \(mapping.from): the source is not your own work tree, so files cannot be added from it",
                    hint: "remove add, or run spacesync in the work tree that contains the files")
            }
            let files = try await source.workTreeFiles(at: mapping.from)
            guard !files.isEmpty else { throw Self.missingFileError(at: mapping) }
            for file in files {
                let blob = try await store.write(blob: try await source.content(of: file))
                try await snapshot.untrackedFiles.set(.entry(file.kind, blob), at: file.path, in: store)
            }
        }
        return snapshot
    }

    private static func missingFileError(at mapping: Mapping) -> DeployError {
        DeployError(
            .settings, "add = \(mapping): no file at \(mapping.from) in the work tree",
            hint: "build it first; the path is relative to the root of the repository")
    }
}

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
