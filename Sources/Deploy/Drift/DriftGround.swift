import SpacesModel

/// What the Space's side changed is set beside these.
struct DriftGround<Store: ObjectStoring>: Sendable {
    let head: Commit
    /// The deploy or commit that both last had in common; nil: there is none.
    let since: Commit?
    /// What a push would send now.
    let composed: ObjectID
    let common: CommonGround<Store>
    /// On a first contact: which files of the Space the source has a version of.
    var known: (@Sendable ([Path: ThreeWay]) async throws(Failure) -> Set<Path>)?
    private let theirs: TreeDraft
    private let mine: TreeDraft
    private let readers: (theirs: TreeReader<Store>, mine: TreeReader<Store>)
    private let store: Store

    init(head: Commit, since: Commit?, composed: ObjectID, in store: Store) async throws(Failure) {
        (self.head, self.since, self.composed, self.store) = (head, since, composed, store)
        common = try await CommonGround(since, in: store)
        theirs = try await TreeDraft(opening: head.tree, in: store)
        mine = try await TreeDraft(opening: composed, in: store)
        readers = (TreeReader(head.tree, in: store), TreeReader(composed, in: store))
    }

    func edit(at path: Path) async throws(Failure) -> ThreeWay {
        ThreeWay(
            base: try await common.file(at: path),
            source: try await readers.mine.node(at: path)?.file,
            space: try await readers.theirs.node(at: path)?.file)
    }

    /// What a deploy would undo on the Space, in order of the paths, except what is the Space's own (`keep`).
    /// - Parameter isRecorded: an earlier deploy kept a part of the file, so it is compared again.
    func openEdits(
        except kept: [Path], _ isRecorded: (Path) -> Bool
    ) async throws(Failure) -> [(path: Path, edit: ThreeWay)] {
        var edits: [(path: Path, edit: ThreeWay)] = []
        let places = try await common.places(under: theirs, head.tree).sorted().filter { path in
            !kept.contains { $0.contains(path) }
        }
        let sides = (
            base: try await common.files(at: places), mine: try await mine.files(at: places, in: store),
            theirs: try await theirs.files(at: places, in: store)
        )
        for path in places {
            let edit = ThreeWay(base: sides.base[path], source: sides.mine[path], space: sides.theirs[path])
            let isReadme = path == "README.md" && isRecorded(path) && edit.source != edit.space
            if edit.isOpen || isReadme { edits.append((path, edit)) }
        }
        guard let known, !edits.isEmpty else { return edits }
        let paths = try await known(Dictionary(edits.map { ($0.path, $0.edit) }) { first, _ in first })
        return edits.filter { !paths.contains($0.path) }
    }
}
