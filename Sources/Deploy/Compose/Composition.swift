import DeploySettings
import GitPatterns
import SpacesModel

/// The tree a push would send, and what is new in it.
package struct Composition: Hashable, Sendable {
    package var tree: ObjectID
    /// Trees and blobs that the Space's present tree lacks: what the pack holds besides the commit.
    package var objects: [SentObject]
    package var plan: Plan
    /// What the Hub would refuse of it, what would not build or start, what should not be published.
    package var findings: [Finding]
    /// The image that it is built on, canonical and with its digest, as the commit's trailer tells it.
    package var baseImage: String?
    /// What goes by LFS and the Space's present tree has no pointer to.
    package var large: [LargeFile] = []
    /// By the pointer's blob, what goes by LFS and the source has as it is.
    package var pointed: [ObjectID: LargeFile] = [:]
}

/// Why each path is as it will be, as far as it is known.
struct Reasons: Sendable {
    private var notes: [Path: String] = [:]
    private var mappings: [Mapping] = []
    private(set) var kept: [Path: String] = [:]
    /// What became of paths on the Space's own side.
    private var edits: [Path: String] = [:]
    /// What is taken where the source has it.
    var selection = Selection()
    /// What of the source is deployed.
    var root = Path.root
    /// What changed where nothing else is known.
    var otherwise = "changed in the source"

    mutating func note(_ path: Path, _ why: String?) { notes[path] = why }
    mutating func note(_ mapping: Mapping) { mappings.append(mapping) }
    mutating func keep(_ path: Path, _ why: String = "the Space's own (keep)") { kept[path] = why }

    /// Takes in what somebody changed on the Space since the last deploy, and what the last deploy was.
    mutating func take(
        _ reconciler: Reconciler<some ObjectStoring>, _ source: ObjectID, _ isHubsFirst: Bool
    ) {
        for record in reconciler.merged.records { keep(record.path, "edited on the Space (merged)") }
        for edit in reconciler.edits { edits[edit.path] = edit.words }
        guard let last = reconciler.base, !reconciler.isFirstContact else {
            return otherwise = "differs from the Space's"
        }
        if isHubsFirst { otherwise = "in place of the Hub's first" }
        if Trailers(of: last.message)["Source-Commit"] == source.description {
            otherwise = "by other settings than at the last deploy"
        }
    }

    func why(_ file: TreeChanges.File) -> String {
        [edits[file.path], notes[file.path]].compactMap { $0 }.joined(separator: "; ").nonEmpty ?? plain(file)
    }

    private func plain(_ file: TreeChanges.File) -> String {
        if file.kind == .removed {
            return selection.selects(file.path, isDirectory: false)
                ? "not in \(root.isRoot ? "" : "\(root.shown) of ")the source" : "not in the selection"
        }
        if let mapping = mappings.last(where: { $0.to.contains(file.path) && !$0.to.isRoot }) {
            return "map \(mapping)"
        }
        return file.kind == .added ? "new in the source" : otherwise
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
