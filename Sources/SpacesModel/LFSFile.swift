/// A file of the new tree that goes by LFS: its pointer stands in the tree, its content in the Hub's storage.
package struct LFSFile: Hashable, Sendable {
    package var path: Path
    package var pointer: LFSPointer
    package var content: Content

    package init(_ path: Path, _ pointer: LFSPointer, _ content: Content) {
        (self.path, self.pointer, self.content) = (path, pointer, content)
    }

    /// What the source has as it is.
    package var blob: ObjectID? { if case .blob(let id) = content { id } else { nil } }

    package enum Content: Hashable, Sendable {
        /// The source has it as it is.
        case blob(ObjectID)
        /// The source has a pointer, too: it is wherever the source's LFS keeps it.
        case object
    }
}

/// A pointer whose content is nowhere to be had.
package struct MissingLFSObject: Hashable, Sendable {
    package var file: LFSFile
    /// What each place that was asked says of it, one clause.
    package var why: String

    package init(_ file: LFSFile, why: String) { (self.file, self.why) = (file, why) }
}
