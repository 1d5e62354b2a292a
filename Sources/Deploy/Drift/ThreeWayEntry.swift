import SpacesModel

/// One file in the three trees of a merge: merge base, source and Space. Each version is `nil` if the
/// file does not exist there.
struct ThreeWayEntry: Hashable, Sendable {
    var base: BlobVersion?
    /// The version that a deploy would send.
    var source: BlobVersion?
    var space: BlobVersion?

    enum Outcome: Hashable, Sendable {
        /// The source already contains the Space's edit.
        case alreadyApplied
        /// The merged file with the edits of both sides.
        case merged(EntryKind, [UInt8])
        /// Both sides changed the same lines, or a file that has no lines.
        case conflict
    }

    /// The kind of change made on the Space.
    var kind: Change.Kind { space == nil ? .removed : base == nil ? .added : .updated }
    var isChangedInSource: Bool { source != base }
    /// Whether the file was changed on the Space and a deploy would send another version.
    var isOpen: Bool { source != space && base != space }
}

/// The version of a file: its blob and its mode, without its name.
struct BlobVersion: Hashable, Sendable {
    var kind: EntryKind
    var id: ObjectID

    var isRegular: Bool { kind == .file || kind == .executable }
}

extension TreeBuilder.Node {
    /// The version of a file; `nil` for a directory.
    var file: BlobVersion? {
        if case .entry(let kind, let id) = self, kind != .tree {
            BlobVersion(kind: kind, id: id)
        } else {
            nil
        }
    }
}
