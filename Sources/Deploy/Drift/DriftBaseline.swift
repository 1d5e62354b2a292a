import SpacesModel

/// What the Space's side changed is set beside these.
struct DriftBaseline<Store: ObjectDatabase>: Sendable {
    let head: Commit
    /// The deploy or commit that both last had in common; nil: there is none.
    let since: Commit?
    /// What a push would send now.
    let composed: ObjectID
    let common: MergeBase<Store>
    /// On a first contact: which files of the Space the source has a version of.
    var findKnownPaths: (@Sendable ([Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path>)?
    private let spaceTree: TreeBuilder
    private let composedTree: TreeBuilder
    private let readers: (theirs: TreeReader<Store>, mine: TreeReader<Store>)
    private let store: Store

    init(head: Commit, since: Commit?, composed: ObjectID, in store: Store) async throws(DeployError) {
        (self.head, self.since, self.composed, self.store) = (head, since, composed, store)
        common = try await MergeBase(since, in: store)
        spaceTree = try await TreeBuilder(opening: head.tree, in: store)
        composedTree = try await TreeBuilder(opening: composed, in: store)
        readers = (TreeReader(head.tree, in: store), TreeReader(composed, in: store))
    }

    func edit(at path: Path) async throws(DeployError) -> ThreeWayEntry {
        ThreeWayEntry(
            base: try await common.file(at: path),
            source: try await readers.mine.node(at: path)?.file,
            space: try await readers.theirs.node(at: path)?.file)
    }

    /// What a deploy would undo on the Space, in order of the paths, except what is the Space's own (`keep`).
    /// - Parameter isRecorded: an earlier deploy kept a part of the file, so it is compared again.
    func openEdits(
        except preserved: [Path], _ isRecorded: (Path) -> Bool
    ) async throws(DeployError) -> [(path: Path, edit: ThreeWayEntry)] {
        var edits: [(path: Path, edit: ThreeWayEntry)] = []
        let places = try await common.candidatePaths(under: spaceTree, head.tree).sorted().filter { path in
            !preserved.contains { $0.contains(path) }
        }
        let sides = (
            base: try await common.files(at: places),
            mine: try await composedTree.files(at: places, in: store),
            theirs: try await spaceTree.files(at: places, in: store)
        )
        for path in places {
            let edit = ThreeWayEntry(
                base: sides.base[path], source: sides.mine[path], space: sides.theirs[path])
            let isReadme = path == "README.md" && isRecorded(path) && edit.source != edit.space
            if edit.isOpen || isReadme { edits.append((path, edit)) }
        }
        guard let findKnownPaths, !edits.isEmpty else { return edits }
        let paths = try await findKnownPaths(
            Dictionary(edits.map { ($0.path, $0.edit) }) { first, _ in first })
        return edits.filter { !paths.contains($0.path) }
    }
}
