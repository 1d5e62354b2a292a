internal import CGit2
import Essentials
import SpacesModel
import TextTools

extension ObjectStore {
    /// Writes a tree with all its subtrees into a new directory, with modes and symbolic links as
    /// Git stores them. Every blob must be present; the largest is held in memory once.
    /// - Parameters:
    ///   - pointed: files that are not LFS files in the source, by the blobs of their pointers:
    ///     their original content is written.
    ///   - fill: called with the directory and the paths of the other pointers in it, to write the
    ///     objects they point to.
    /// - Throws: kind `usage` for a path that cannot be written, `source` for an object that cannot
    ///   be read, `refused` for names that have a special meaning to Git or a file system,
    ///   `interrupted`.
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
            let missing = Set(exported.missing.map(\.file))
            for file in exported.pointers where !missing.contains(file) {
                exported.bytes = exported.bytes.addingClamped(file.pointer.size)
            }
            return exported
        }
    }

    /// Writes a blob directly from libgit2's buffer, without a second copy. A size of -1 means that
    /// the file could not be written (`errno`).
    private func copy(_ blob: ObjectID, to file: Int32) throws(DeployError) -> TreeCheckout.BlobCopy {
        if try size(of: blob) > LargeObject.limit, let content = try streamedContent(blob) {
            var isUnwritable = false
            let isComplete = content.forEachChunk {
                isUnwritable = !$0.writeAll(to: file)
                return !isUnwritable
            }
            guard isComplete || isUnwritable else { throw unreadable(blob, "it breaks off") }
            return TreeCheckout.BlobCopy(size: isComplete ? content.size : -1)
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
    /// Calls `use` with an object's content, which is valid only during the call.
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
