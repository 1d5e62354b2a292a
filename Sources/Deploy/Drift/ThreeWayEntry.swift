import SpacesModel

/// One file of the Space beside the source's, and what both last had in common; nil: there is none.
struct ThreeWayEntry: Hashable, Sendable {
    var base: BlobVersion?
    /// As a deploy would send it.
    var source: BlobVersion?
    var space: BlobVersion?

    enum Outcome: Hashable, Sendable {
        /// The source has the Space's edit already.
        case alreadyApplied
        /// Both edits in one file.
        case merged(EntryKind, [UInt8])
        /// Both changed the same lines, or what has no lines.
        case conflict
    }

    /// What the Space's side did.
    var kind: Change.Kind { space == nil ? .removed : base == nil ? .added : .updated }
    var isChangedInSource: Bool { source != base }
    /// The Space's side changed the file, and a deploy would not send the same.
    var isOpen: Bool { source != space && base != space }
}

/// A file without its name: what tells two files apart, modes too.
struct BlobVersion: Hashable, Sendable {
    var kind: EntryKind
    var id: ObjectID

    var isRegular: Bool { kind == .file || kind == .executable }
}

extension TreeBuilder.Node {
    /// nil for a directory.
    var file: BlobVersion? {
        if case .entry(let kind, let id) = self, kind != .tree {
            BlobVersion(kind: kind, id: id)
        } else {
            nil
        }
    }
}
