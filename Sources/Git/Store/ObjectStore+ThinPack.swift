import Essentials
import HTTP
import SpacesModel

extension ObjectStore {
    /// The body of a push: a command and one pack of exactly these objects.
    /// - Parameter isThin: what resembles its base, which the server has, goes as the difference.
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

    /// Writes it to a connection, as fast as that takes it. Nothing else is done with the store meanwhile.
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

    /// - Returns: those of the objects that are trees and were not taken from other packs as they are.
    private func fill(_ sink: any PackOutputStream, with objects: [PackObject], isThin: Bool) throws
        -> [ObjectID]
    {
        var trees: [ObjectID] = []
        var writer = try PackWriter(count: objects.count, into: sink)
        let reuse = PackReuse(from: directories, sending: objects.map(\.id))
        for object in objects {
            let base = isThin ? object.base.flatMap { contains($0) ? $0 : nil } : nil
            // Trees are small, and are kept besides.
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

    /// The difference, where it pays. A tree's entries hardly shrink when they are compressed, text does.
    private func delta(of object: borrowing BorrowedObject, over base: ObjectID) throws -> [UInt8]? {
        let share = object.type == .tree ? 1 : 4
        guard object.bytes.count >= Self.minDeltaSize, let before = try? store.database.borrow(base),
            before.type == object.type
        else { return nil }
        return Delta.bytes(from: before.bytes, to: object.bytes, limit: object.bytes.count / share - 20)
    }

    /// Bytes. The name of the base alone takes 20.
    private static let minDeltaSize = 100
}

extension DeployError {
    init(unpackable error: any Error) {
        if let failure = error as? DeployError {
            self = failure
            return
        }
        let words = (error as? GitError)?.message ?? "\(error)"
        self.init(.internalError, "the pack cannot be made", details: [words])
    }
}
