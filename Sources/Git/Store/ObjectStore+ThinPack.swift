internal import CGit2
import Essentials
import HTTP
import SpacesModel

extension ObjectStore {
    /// Returns the body of a push: a command and one pack with exactly these objects.
    /// - Parameter isThin: whether objects may be sent as deltas to a base that the server has.
    func pack(
        of objects: [PackObject], after command: Data, isThin: Bool = true
    ) throws(DeployError) -> SentPack {
        let small = SmallBody(command)
        let write: SentPack.Write = { [self] (pipe) async throws(DeployError) in
            try await send(objects, after: command, into: pipe, isThin: isThin)
        }
        do {
            let trees = try fill(small, with: objects, isThin: isThin)
            return SentPack(small.bytes, trees: trees, write: write)
        } catch is SmallBody.Exceeded {
            return SentPack(nil, write: write)
        } catch { throw DeployError(unpackable: error) }
    }

    /// Writes the body into a connection with backpressure. Blocks the store until it is written.
    private func send(
        _ objects: [PackObject], after command: Data, into pipe: BodyPipe, isThin: Bool
    ) throws(DeployError) -> [ObjectID] {
        do {
            let body = PipedBody(command, into: pipe)
            let trees = try fill(body, with: objects, isThin: isThin)
            try body.flush()
            return trees
        } catch { throw DeployError(unpackable: error) }
    }

    /// - Returns: the trees among the objects, except for those whose packed form was copied from
    ///   other packs.
    private func fill(_ stream: any PackOutputStream, with objects: [PackObject], isThin: Bool) throws
        -> [ObjectID]
    {
        var trees: [ObjectID] = []
        var writer = try PackWriter(count: objects.count, into: stream)
        let reuse = PackReuse(from: directories, sending: objects.map(\.id))
        for object in objects {
            let base = isThin ? object.base.flatMap { contains($0) ? $0 : nil } : nil
            // Cached trees are excluded: they are small, and their ids must be returned.
            if base == nil, !treeCache.contains(object.id), let entry = reuse.entry(object.id) {
                try writer.add(entry)
            } else if try add(object.id, over: base, to: &writer) == .tree {
                trees.append(object.id)
            }
        }
        try writer.finish()
        return trees
    }

    private func add(_ id: ObjectID, over base: ObjectID?, to writer: inout PackWriter) throws -> ObjectType {
        let object = try store.database.borrow(id)
        if let base, let delta = try delta(of: object, over: base) {
            try writer.add(delta: delta, over: base)
        } else {
            try writer.add(object.type, object.bytes)
        }
        return object.type
    }

    /// Returns the delta to the base; `nil` if it is not worthwhile. Text must become four times
    /// smaller, as it compresses well itself; tree entries hardly compress.
    private func delta(of object: borrowing BorrowedObject, over base: ObjectID) throws -> [UInt8]? {
        let divisor = object.type == .tree ? 1 : 4
        guard object.bytes.count >= Self.minDeltaSize, let baseObject = try? store.database.borrow(base),
            baseObject.type == object.type
        else { return nil }
        return Delta.bytes(from: baseObject.bytes, to: object.bytes, limit: object.bytes.count / divisor - 20)
    }

    /// The minimum size in bytes of an object to send as a delta: the base's id alone takes 20
    /// bytes.
    private static let minDeltaSize = 100
}

extension DeployError {
    init(unpackable error: any Error) {
        if let failure = error as? DeployError {
            self = failure
            return
        }
        let detail = (error as? GitError)?.message ?? "\(error)"
        self.init(.internalError, "the pack cannot be made", details: [detail])
    }
}

/// A reference of the bare repository records the commit that the store of a source has with all
/// its blobs, so that the next fetch transfers only new objects.
extension ObjectStore {
    static let completeRefName = "refs/spacesync/whole"

    /// Returns the recorded commit; `nil` if one of its objects is missing.
    func lastComplete() -> ObjectID? {
        guard let commit = reference(Self.completeRefName),
            (try? containsComplete(commit, blobs: true)) == true
        else {
            return nil
        }
        return commit
    }

    /// Records a commit. Errors are ignored, as they only cost a larger fetch.
    func rememberComplete(_ commit: ObjectID) {
        guard lastComplete() != commit else { return }
        setReference(Self.completeRefName, to: commit)
    }

    func reference(_ name: String) -> ObjectID? {
        var id = git_oid()
        guard git_reference_name_to_id(&id, store.repository.raw, name) == 0 else { return nil }
        return ObjectID(&id)
    }

    func setReference(_ name: String, to commit: ObjectID) {
        // If the cache is full, the commit's objects are in a temporary store.
        guard overflow == nil else { return }
        var (id, reference): (git_oid, OpaquePointer?) = (commit.git, nil)
        if git_reference_create(&reference, store.repository.raw, name, &id, 1, nil) == 0 {
            git_reference_free(reference)
        }
    }
}

extension ObjectStore {
    /// Stores the objects of a pushed commit that the next deploy needs: the commit, its trees,
    /// README.md and .gitattributes. Other blobs can be fetched from the Space. Errors are ignored,
    /// as they only cost a fetch.
    func cachePushedCommit(_ commit: ObjectID, _ trees: [ObjectID]) {
        do {
            let ids = Set([commit] + trees + ((try? smallFiles(of: commit)) ?? []))
            let output = try StoredPack(into: store.database, at: storeDirectory.directory)
            var writer = try PackWriter(count: ids.count, into: output)
            for id in ids { _ = try add(id, over: nil, to: &writer) }
            try writer.finish()
            try output.commit()
        } catch { return }
        store.database.refresh()
        rememberTip(commit)
    }

    /// Returns whether an object is damaged. Only reads objects below 1 MiB: cards and attributes,
    /// which every deploy reads.
    private func isDamaged(_ id: ObjectID) -> Bool {
        guard let size = try? store.database.size(of: id) else { return true }
        return size < 1 << 20 && (try? store.database.read(id)) == nil
    }

    private func smallFiles(of commit: ObjectID) throws(GitError) -> [ObjectID] {
        let names: Set<Path> = ["README.md", ".gitattributes"]
        let entries = try store.database.entries(of: try store.database.commit(commit).tree)
        return entries.filter { names.contains($0.name) && $0.kind.isBlob }.map(\.id).filter { id in
            ((try? store.database.size(of: id)) ?? .max) <= 1 << 20
        }
    }

    /// Returns whether the store has the commit and all its trees. Recreates the store if one is
    /// damaged.
    func containsTrees(of commit: ObjectID) throws(DeployError) -> Bool {
        try containsComplete(commit, blobs: false)
    }

    /// Returns whether the store has the commit, its trees and, with `blobs`, its blobs. Recreates
    /// the store if one is damaged.
    func containsComplete(_ commit: ObjectID, blobs: Bool) throws(DeployError) -> Bool {
        do throws(GitError) {
            guard store.database.contains(commit) else { return false }
            let tree = try store.database.commit(commit).tree
            return try treeCache.containsAll(of: tree, blobs: blobs, in: store.database)
        } catch {
            try startOver()
            return false
        }
    }

    /// Returns the objects that are not in the store. Recreates the store if one is damaged.
    func missingObjects(of ids: [ObjectID]) throws(DeployError) -> [ObjectID] {
        if ids.contains(where: { contains($0) && isDamaged($0) }) { try startOver() }
        return ids.filter { !contains($0) }
    }
}

/// Reuses the packed form of objects in existing packs for a push. Only used for many objects,
/// where it saves repeating Git's compression and delta search.
struct PackReuse {
    private let packs: [PackReader]
    private let sent: Set<ObjectID>

    /// The maximum number of packs to search, largest first.
    private static let maxPacks = 8
    /// The maximum ratio of a pack's objects to the objects sent. A pack's offsets must all be
    /// sorted to find where objects end, so a large pack is not opened for a few objects.
    private static let maxIndexRatio = 32
    private static let minObjects = 100

    /// - Parameters:
    ///   - directories: object directories.
    ///   - sent: all objects of the push; a delta is reused only if its base is among them.
    init(from directories: [String], sending sent: [ObjectID]) {
        self.sent = Set(sent.count < Self.minObjects ? [] : sent)
        let files = self.sent.isEmpty ? [] : directories.flatMap { PackFiles(packedIn: $0).largestFirst }
        packs = files.sorted { $0.size > $1.size }.prefix(Self.maxPacks).compactMap { file in
            guard let index = try? PackIndex(at: file.path + ".idx"),
                index.count <= sent.count * Self.maxIndexRatio
            else { return nil }
            return try? PackReader(at: file.path, by: index)
        }
    }

    /// Returns an object's entry in the first pack that has it; `nil` if no pack has it, it is
    /// damaged, or it is a delta to an object that is not sent. A base is in the same pack and
    /// therefore taken from that or an earlier one, so deltas cannot form a cycle.
    func entry(_ id: ObjectID) -> PackReader.Entry? {
        guard let pack = packs.first(where: { $0.contains(id) }), let entry = try? pack.entry(id),
            entry.base.map(sent.contains) ?? true
        else { return nil }
        return entry
    }
}
