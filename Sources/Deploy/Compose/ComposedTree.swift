import DeploySettings
import GitPatterns
import SpacesModel

/// The tree that a push would send, with its new objects, its plan and its findings.
package struct ComposedTree: Hashable, Sendable {
    package var tree: ObjectID
    /// Trees and blobs that the Space's current tree lacks: the content of the pack besides the
    /// commit.
    package var objects: [PackObject]
    package var plan: Plan
    /// Files that the Hub would refuse, that would not build or start, or that should not be
    /// published.
    package var findings: [Finding]
    /// The base image, canonical and with its digest, as the commit's trailer records it.
    package var baseImage: String?
    /// Files sent by LFS to which the Space's current tree has no pointer.
    package var lfsFiles: [LFSFile] = []
    /// Files that the source stores as plain blobs and that are sent by LFS, by the id of the
    /// pointer's blob.
    package var lfsFilesByPointer: [ObjectID: LFSFile] = [:]
}

/// The reason for each changed path of a plan, as far as it is known.
struct ChangeReasons: Sendable {
    private var pathReasons: [Path: String] = [:]
    private var mappings: [Mapping] = []
    private(set) var preserved: [Path: String] = [:]
    /// The effect of edits made on the Space, by path.
    private var edits: [Path: String] = [:]
    /// The include and exclude patterns that are applied to the source.
    var selection = Selection()
    /// The directory of the source that is deployed (`root`).
    var root = Path.root
    /// The reason for an updated file if no other is known.
    var defaultReason = "changed in the source"

    mutating func record(_ path: Path, _ why: String?) { pathReasons[path] = why }
    mutating func record(_ mapping: Mapping) { mappings.append(mapping) }
    mutating func recordPreserved(_ path: Path, _ why: String = "the Space's version (keep)") {
        preserved[path] = why
    }

    /// Records the edits made on the Space since the last deploy, and the default reason that follows
    /// from that deploy.
    mutating func recordEdits(
        _ reconciler: DriftReconciler, _ source: ObjectID, _ isPristine: Bool
    ) {
        for record in reconciler.merged.records {
            recordPreserved(record.path, "edited on the Space (merged)")
        }
        for edit in reconciler.edits { edits[edit.path] = edit.changeDescription }
        guard let lastDeploy = reconciler.base, !reconciler.isAdoption else {
            return defaultReason = "differs from the Space's version"
        }
        if isPristine { defaultReason = "replaces the Hub's initial file" }
        if Trailers(of: lastDeploy.message)["Source-Commit"] == source.description {
            defaultReason = "settings changed since the last deploy"
        }
    }

    func reason(_ file: TreeDiff.File) -> String {
        let known = [edits[file.path], pathReasons[file.path]].compactMap { $0 }.joined(separator: "; ")
        return known.isEmpty ? inferredReason(file) : known
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
