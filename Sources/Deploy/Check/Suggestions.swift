import SpacesModel

/// "Did you mean" suggestions for paths of a tree. Limited to the first 20, because each compares a
/// path with all others.
final class Suggestions {
    private var remainingCount = 20
    private let candidates: () -> [Path]
    private lazy var sorted = candidates()

    /// - Parameter candidates: called once, for the first suggestion.
    init(among candidates: @escaping () -> [Path]) { self.candidates = candidates }

    func nearest(_ path: Path) -> Path? {
        guard remainingCount > 0 else { return nil }
        remainingCount -= 1
        return SpacesModel.nearest(path, among: sorted)
    }
}
