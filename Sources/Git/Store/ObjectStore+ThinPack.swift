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
