internal import CGit2
import Essentials
import SpacesModel

extension Store {
    /// Returns all references with the objects they point to.
    func references() throws(GitError) -> [String: ObjectID] {
        var list = git_strarray()
        try check("git_reference_list", git_reference_list(&list, repository.raw))
        defer { git_strarray_dispose(&list) }
        var references: [String: ObjectID] = [:]
        for index in 0..<list.count {
            guard let text = list.strings[index] else { continue }
            var id = git_oid()
            guard git_reference_name_to_id(&id, repository.raw, text) == 0 else { continue }
            references[String(cString: text)] = ObjectID(&id)
        }
        return references
    }

    /// Writes all references of a new store at once, into `packed-refs`.
    func write(_ references: [String: ObjectID]) throws {
        let lines = references.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }
        let file = path + "/packed-refs"
        let descriptor = Essentials.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let isWritten = Array(lines.joined().utf8).withUnsafeBytes { $0.writeAll(to: descriptor) }
        let isSynced = isWritten && fsync(descriptor) == 0
        guard close(descriptor) == 0, isSynced else { throw CocoaError(.fileWriteUnknown) }
    }
}
