/// The tree a push would send, and what is new in it.
package struct Composition: Hashable, Sendable {
    package var tree: ObjectID
    /// Trees and blobs that the Space's present tree lacks: what the pack holds besides the commit.
    package var objects: [ObjectID]
    package var plan: Plan
    /// What the Hub would refuse of it, what would not build or start, what should not be published.
    package var findings: [Finding]
    /// The image that it is built on, canonical and with its digest, as the commit's trailer tells it.
    package var baseImage: String?
}

/// Why each path is as it will be.
struct Reasons: Sendable {
    private var notes: [Path: String] = [:]
    private var mappings: [Mapping] = []
    private(set) var kept: [Path] = []

    mutating func note(_ path: Path, _ why: String?) { notes[path] = why }
    mutating func note(_ mapping: Mapping) { mappings.append(mapping) }
    mutating func keep(_ path: Path) { kept.append(path) }

    func why(_ file: TreeChanges.File) -> String {
        if let note = notes[file.path] { return note }
        if file.kind == .removed { return "not in the selection" }
        if let mapping = mappings.last(where: { $0.to.contains(file.path) && !$0.to.isRoot }) {
            return "map \(mapping)"
        }
        return file.kind == .added ? "new in the source" : "changed in the source"
    }
}
