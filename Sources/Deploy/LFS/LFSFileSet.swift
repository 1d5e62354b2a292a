import SpacesModel

/// The files of one composed tree that are sent by LFS.
struct LFSFileSet: Sendable {
    /// By the id of the pointer's blob; if several files have the same content, the first by path.
    private(set) var byPointer: [ObjectID: LFSFile] = [:]
    private(set) var paths: Set<Path> = []
    /// Possible credentials in text files sent by LFS: the checked tree has only their pointers.
    var credentials: [Finding] = []

    mutating func add(_ file: LFSFile, as pointer: ObjectID) {
        paths.insert(file.path)
        if let existing = byPointer[pointer], existing.path < file.path { return }
        byPointer[pointer] = file
    }

    /// Returns the files whose pointers are among these objects, sorted by path.
    func matching(_ objects: [ObjectID]) -> [LFSFile] {
        objects.compactMap { byPointer[$0] }.sorted { $0.path < $1.path }
    }
}
