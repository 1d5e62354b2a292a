import TextTools

/// Returns the candidate that `path` was most likely meant to be: one that differs by a few
/// characters, otherwise one with the same name in another directory; `nil` if there is none.
package func nearest(_ path: Path, among candidates: some Sequence<Path>) -> Path? {
    let candidates = Array(candidates)
    if let close = nearest(path.description, among: candidates.lazy.map(\.description)) {
        return candidates.first { $0.description == close }
    }
    let name = path.name.bytes.map(\.lowered)
    return candidates.first { $0.name.bytes.map(\.lowered) == name }
}
