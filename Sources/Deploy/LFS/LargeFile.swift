/// A file of the new tree that goes by LFS: its pointer stands in the tree, its content in the Hub's storage.
package struct LargeFile: Hashable, Sendable {
    package var path: Path
    package var pointer: LFSPointer
    package var content: Content

    package init(_ path: Path, _ pointer: LFSPointer, _ content: Content) {
        (self.path, self.pointer, self.content) = (path, pointer, content)
    }

    /// What the source has as it is.
    var blob: ObjectID? { if case .blob(let id) = content { id } else { nil } }

    package enum Content: Hashable, Sendable {
        /// The source has it as it is.
        case blob(ObjectID)
        /// The source has a pointer, too: it is wherever the source's LFS keeps it.
        case object
    }
}

/// A pointer whose content is nowhere to be had.
package struct LostFile: Hashable, Sendable {
    package var file: LargeFile
    /// What each place that was asked says of it, one clause.
    package var why: String

    package init(_ file: LargeFile, why: String) { (self.file, self.why) = (file, why) }
}

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
