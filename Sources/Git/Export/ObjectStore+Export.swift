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
        _ tree: ObjectID, to directory: ExportDirectory, pointed: [ObjectID: LFSFile] = [:],
        filling fill: (String, [LFSFile]) async throws(DeployError) -> [MissingLFSObject] = {
            (_, _) async throws(DeployError) in []
        }
    ) async throws(DeployError) -> ExportResult {
        var writer = TreeCheckout(
            entries: { (tree) throws(DeployError) in try self.entries(of: tree) },
            copy: { (blob, file) throws(DeployError) in
                var blob = blob
                if case .blob(let origin)? = pointed[blob]?.content { blob = origin }
                return try self.copy(blob, to: file)
            },
            target: { (blob) throws(DeployError) in try self.content(of: blob) })
        return try await directory.fill { (folder) async throws(DeployError) in
            try writer.write(tree, to: folder)
            var exported = writer.exported
            guard !exported.pointers.isEmpty else { return exported }
            exported.missing = try await fill(folder, exported.pointers)
            let lost = Set(exported.missing.map(\.file))
            for file in exported.pointers where !lost.contains(file) {
                exported.bytes = exported.bytes.addingClamped(file.pointer.size)
            }
            return exported
        }
    }

    /// Straight from libgit2's buffer, without a second copy. A size of -1: the file could not be written (`errno`).
    private func copy(_ blob: ObjectID, to file: Int32) throws(DeployError) -> TreeCheckout.BlobCopy {
        if try size(of: blob) > LargeObject.limit, let content = try streamedContent(blob) {
            var isUnwritable = false
            let isWhole = content.forEachChunk {
                isUnwritable = !$0.writeAll(to: file)
                return !isUnwritable
            }
            guard isWhole || isUnwritable else { throw unreadable(blob, "it breaks off") }
            return TreeCheckout.BlobCopy(size: isWhole ? content.size : -1)
        }
        do throws(GitError) {
            return try store.database.withContent(of: blob) { bytes in
                guard bytes.writeAll(to: file) else { return TreeCheckout.BlobCopy(size: -1) }
                return TreeCheckout.BlobCopy(size: bytes.count, pointer: LFSPointer(bytes))
            }
        } catch { throw unreadable(blob, error) }
    }
}

extension ODB {
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
