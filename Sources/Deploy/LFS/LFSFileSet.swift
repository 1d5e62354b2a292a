import SpacesModel

/// The files of one composition that go by LFS.
struct LFSFileSet: Sendable {
    /// By the id of the pointer's blob; where several files have one content, the first.
    private(set) var byPointer: [ObjectID: LFSFile] = [:]
    private(set) var paths: Set<Path> = []
    /// What looks like a credential in text that goes by LFS: the tree that is checked shows its pointer alone.
    var credentials: [Finding] = []

    mutating func add(_ file: LFSFile, as pointer: ObjectID) {
        paths.insert(file.path)
        if let known = byPointer[pointer], known.path < file.path { return }
        byPointer[pointer] = file
    }

    /// Those whose pointers are among these objects, by path.
    func matching(_ objects: [ObjectID]) -> [LFSFile] {
        objects.compactMap { byPointer[$0] }.sorted { $0.path < $1.path }
    }
}
