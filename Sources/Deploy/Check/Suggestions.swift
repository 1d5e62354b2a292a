import SpacesModel

/// "Did you mean" for paths of a tree: the first few only, as each compares a path with all others.
final class Suggestions {
    private var remainingCount = 20
    private let candidates: () -> [Path]
    private lazy var sorted = candidates()

    /// - Parameter candidates: called once, when the first suggestion is made.
    init(among candidates: @escaping () -> [Path]) { self.candidates = candidates }

    func nearest(_ path: Path) -> Path? {
        guard remainingCount > 0 else { return nil }
        remainingCount -= 1
        return SpacesModel.nearest(path, among: sorted)
    }
}
