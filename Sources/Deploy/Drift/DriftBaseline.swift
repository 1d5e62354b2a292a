import SpacesModel

extension BlobVersion {
    /// The blob's id; `nil` for a submodule.
    var blob: ObjectID? { kind.isBlob ? id : nil }
}

/// The states that `drift` compares: the Space's head, the commit last in common, and the tree that a
/// push would send.
struct DriftBaseline: Sendable {
    let head: Commit
    /// The deploy or commit that the Space and the source last had in common; `nil` if there is none.
    let since: Commit?
    /// The tree that a push would send now.
    let composed: ObjectID
    let common: MergeBase
    /// Returns the paths of the Space's files of which the source has a version; `nil` if there was a
    /// deploy before.
    var findKnownPaths: (@Sendable ([Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path>)?
    private let spaceTree: TreeBuilder
    private let composedTree: TreeBuilder
    private let readers: (space: TreeReader, composed: TreeReader)
    private let store: any ObjectDatabase

    init(head: Commit, since: Commit?, composed: ObjectID, in store: any ObjectDatabase)
        async throws(DeployError)
    {
        (self.head, self.since, self.composed, self.store) = (head, since, composed, store)
        common = try await MergeBase(since, in: store)
        spaceTree = try await TreeBuilder(opening: head.tree, in: store)
        composedTree = try await TreeBuilder(opening: composed, in: store)
        readers = (TreeReader(head.tree, in: store), TreeReader(composed, in: store))
    }

    func edit(at path: Path) async throws(DeployError) -> ThreeWayEntry {
        ThreeWayEntry(
            base: try await common.file(at: path),
            source: try await readers.composed.node(at: path)?.file,
            space: try await readers.space.node(at: path)?.file)
    }

    /// Returns the edits on the Space that a deploy would undo, sorted by path, except at the Space's
    /// own paths (`keep`).
    /// - Parameter isRecorded: whether an earlier deploy preserved a part of the file, so that it is
    ///   compared again.
    func openEdits(
        except preserved: [Path], _ isRecorded: (Path) -> Bool
    ) async throws(DeployError) -> [(path: Path, edit: ThreeWayEntry)] {
        var edits: [(path: Path, edit: ThreeWayEntry)] = []
        let paths = try await common.candidatePaths(under: spaceTree, head.tree).sorted().filter { path in
            !preserved.contains { $0.contains(path) }
        }
        let sides = (
            base: try await common.files(at: paths),
            composed: try await composedTree.files(at: paths, in: store),
            space: try await spaceTree.files(at: paths, in: store)
        )
        for path in paths {
            let edit = ThreeWayEntry(
                base: sides.base[path], source: sides.composed[path], space: sides.space[path])
            let isReadme = path == "README.md" && isRecorded(path) && edit.source != edit.space
            if edit.isOpen || isReadme { edits.append((path, edit)) }
        }
        guard let findKnownPaths, !edits.isEmpty else { return edits }
        let knownPaths = try await findKnownPaths(
            Dictionary(edits.map { ($0.path, $0.edit) }) { first, _ in first })
        return edits.filter { !knownPaths.contains($0.path) }
    }
}
