internal import CGit2
import Essentials
import SpacesModel
import TextTools

extension ObjectStore {
    /// Writes a tree and all it holds into a new directory, with modes and links as Git keeps them. Every blob must be
    /// at hand; the largest is held in memory once.
    /// - Parameters:
    ///   - pointed: files that the source has as they are, by the blobs of their pointers: they are written so.
    ///   - fill: gets the directory, and the paths in it where other pointers stand, to write what they stand for.
    /// - Throws: kind `usage` for a place that cannot be written, `source` for an object that cannot be read,
    ///   `refused` for names that mean something else to Git or a file system, `interrupted`.
    package func export(
        _ tree: ObjectID, to place: ExportPlace, pointed: [ObjectID: LargeFile] = [:],
        filling fill: (String, [LargeFile]) async throws(Failure) -> [LostFile] = {
            (_, _) async throws(Failure) in []
        }
    ) async throws(Failure) -> Exported {
        var writer = TreeWriter(
            entries: { (tree) throws(Failure) in try self.entries(of: tree) },
            copy: { (blob, file) throws(Failure) in
                var blob = blob
                if case .blob(let origin)? = pointed[blob]?.content { blob = origin }
                return try self.copy(blob, to: file)
            },
            target: { (blob) throws(Failure) in try self.content(of: blob) })
        return try await place.fill { (folder) async throws(Failure) in
            try writer.write(tree, to: folder)
            var exported = writer.exported
            guard !exported.pointers.isEmpty else { return exported }
            exported.lost = try await fill(folder, exported.pointers)
            let lost = Set(exported.lost.map(\.file))
            for file in exported.pointers where !lost.contains(file) {
                exported.bytes = exported.bytes.addingClamped(file.pointer.size)
            }
            return exported
        }
    }

    /// Straight from libgit2's buffer, without a second copy. A size of -1: the file could not be written (`errno`).
    private func copy(_ blob: ObjectID, to file: Int32) throws(Failure) -> TreeWriter.BlobCopy {
        if try size(of: blob) > LargeObject.limit, let content = try streamed(blob) {
            var isUnwritable = false
            let isWhole = content.eachPiece {
                isUnwritable = !$0.writeAll(to: file)
                return !isUnwritable
            }
            guard isWhole || isUnwritable else { throw unreadable(blob, "it breaks off") }
            return TreeWriter.BlobCopy(size: isWhole ? content.size : -1)
        }
        do throws(GitError) {
            return try store.database.withContent(of: blob) { bytes in
                guard bytes.writeAll(to: file) else { return TreeWriter.BlobCopy(size: -1) }
                return TreeWriter.BlobCopy(size: bytes.count, pointer: LFSPointer(bytes))
            }
        } catch { throw unreadable(blob, error) }
    }
}

extension Database {
    /// Lends an object's content for the length of the call.
    func withContent<Value>(
        of id: ObjectID, _ use: (UnsafeRawBufferPointer) -> Value
    ) throws(GitError) -> Value {
        var name = id.git
        let raw = handle.raw
        let object = try Handle<DatabaseObjectKind>("git_odb_read") { git_odb_read(&$0, raw, &name) }
        let size = git_odb_object_size(object.raw)
        return use(UnsafeRawBufferPointer(start: git_odb_object_data(object.raw), count: size))
    }
}
