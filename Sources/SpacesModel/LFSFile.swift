/// A file of the new tree stored with Git LFS: the tree contains its pointer, the Hub's storage its content.
package struct LFSFile: Hashable, Sendable {
    package var path: Path
    package var pointer: LFSPointer
    package var content: Content

    package init(_ path: Path, _ pointer: LFSPointer, _ content: Content) {
        (self.path, self.pointer, self.content) = (path, pointer, content)
    }

    /// The blob with the content; `nil` if the source has a pointer, too.
    package var blob: ObjectID? { if case .blob(let id) = content { id } else { nil } }

    package enum Content: Hashable, Sendable {
        /// The source contains the content as a normal blob.
        case blob(ObjectID)
        /// The source contains a pointer, too: the content is in the source's LFS storage.
        case object
    }
}

/// An LFS pointer whose content could not be found.
package struct MissingLFSObject: Hashable, Sendable {
    package var file: LFSFile
    /// The reason given by each server that was asked, in one clause.
    package var why: String

    package init(_ file: LFSFile, why: String) { (self.file, self.why) = (file, why) }
}
