import DeploySettings
import GitPatterns
import SpacesModel

/// The tree a push would send, and what is new in it.
package struct ComposedTree: Hashable, Sendable {
    package var tree: ObjectID
    /// Trees and blobs that the Space's present tree lacks: what the pack holds besides the commit.
    package var objects: [PackObject]
    package var plan: Plan
    /// What the Hub would refuse of it, what would not build or start, what should not be published.
    package var findings: [Finding]
    /// The image that it is built on, canonical and with its digest, as the commit's trailer tells it.
    package var baseImage: String?
    /// What goes by LFS and the Space's present tree has no pointer to.
    package var lfsFiles: [LFSFile] = []
    /// By the pointer's blob, what goes by LFS and the source has as it is.
    package var lfsFilesByPointer: [ObjectID: LFSFile] = [:]
}

/// Why each path is as it will be, as far as it is known.
struct ChangeReasons: Sendable {
    private var pathReasons: [Path: String] = [:]
    private var mappings: [Mapping] = []
    private(set) var preserved: [Path: String] = [:]
    /// What became of paths on the Space's own side.
    private var edits: [Path: String] = [:]
    /// What is taken where the source has it.
    var selection = Selection()
    /// What of the source is deployed.
    var root = Path.root
    /// What changed where nothing else is known.
    var defaultReason = "changed in the source"

    mutating func record(_ path: Path, _ why: String?) { pathReasons[path] = why }
    mutating func record(_ mapping: Mapping) { mappings.append(mapping) }
    mutating func recordPreserved(_ path: Path, _ why: String = "the Space's own (keep)") {
        preserved[path] = why
    }

    /// Takes in what somebody changed on the Space since the last deploy, and what the last deploy was.
    mutating func recordEdits(
        _ reconciler: DriftReconciler<some ObjectDatabase>, _ source: ObjectID, _ isPristine: Bool
    ) {
        for record in reconciler.merged.records {
            recordPreserved(record.path, "edited on the Space (merged)")
        }
        for edit in reconciler.edits { edits[edit.path] = edit.changeDescription }
        guard let last = reconciler.base, !reconciler.isAdoption else {
            return defaultReason = "differs from the Space's"
        }
        if isPristine { defaultReason = "in place of the Hub's first" }
        if Trailers(of: last.message)["Source-Commit"] == source.description {
            defaultReason = "by other settings than at the last deploy"
        }
    }

    func reason(_ file: TreeDiff.File) -> String {
        [edits[file.path], pathReasons[file.path]].compactMap { $0 }.joined(separator: "; ").nonEmpty
            ?? inferredReason(file)
    }

    private func inferredReason(_ file: TreeDiff.File) -> String {
        if file.kind == .removed {
            return selection.selects(file.path, isDirectory: false)
                ? "not in \(root.isRoot ? "" : "\(root.shown) of ")the source" : "not in the selection"
        }
        if let mapping = mappings.last(where: { $0.to.contains(file.path) && !$0.to.isRoot }) {
            return "map \(mapping)"
        }
        return file.kind == .added ? "new in the source" : defaultReason
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
