import SpacesModel

/// The files of one composition that go by LFS.
struct LargeFiles: Sendable {
    /// By the id of the pointer's blob; where several files have one content, the first.
    private(set) var byPointer: [ObjectID: LargeFile] = [:]
    private(set) var paths: Set<Path> = []
    /// What looks like a credential in text that goes by LFS: the tree that is checked shows its pointer alone.
    var credentials: [Finding] = []

    mutating func add(_ file: LargeFile, as pointer: ObjectID) {
        paths.insert(file.path)
        if let known = byPointer[pointer], known.path < file.path { return }
        byPointer[pointer] = file
    }

    /// Those whose pointers are among these objects, by path.
    func among(_ objects: [ObjectID]) -> [LargeFile] {
        objects.compactMap { byPointer[$0] }.sorted { $0.path < $1.path }
    }
}
