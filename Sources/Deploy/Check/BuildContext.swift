import DockerSyntax
import GitPatterns
import SpacesModel

/// The files that a build of the tree can see.
struct BuildContext: Sendable {
    private let listing: FileListing
    private let visibleFiles: Set<Path>
    private let visibleDirectories: Set<Path>
    private let links: Set<Path>

    init(_ listing: FileListing, ignoring ignored: DockerIgnore) {
        self.listing = listing
        visibleFiles = Set(listing.files.keys.filter { !ignored.ignores($0) })
        let above = Set(visibleFiles.flatMap { $0.levels.dropLast() })
        let bare = listing.directories.keys.filter { !ignored.ignores($0) }
        visibleDirectories = above.union(bare).union([.root])
        // Behind these stands what a listing does not show.
        links = Set(listing.files.filter { $0.value.kind == .symlink || $0.value.kind == .submodule }.keys)
    }

    enum PathStatus: Equatable {
        case visible
        /// In the tree, but `.dockerignore` leaves it out.
        case ignored
        case missing
    }

    func status(_ path: Path) -> PathStatus {
        if visibleFiles.contains(path) || visibleDirectories.contains(path) { return .visible }
        if path.levels.dropLast().contains(where: links.contains) { return .visible }
        return listing.contains(path) ? .ignored : .missing
    }

    /// What a pattern matches (Go's `filepath.Match` over whole paths).
    func status(_ glob: Glob) -> PathStatus {
        let matches = { (path: Path) in glob.matches(path.bytes) }
        if visibleFiles.contains(where: matches) || visibleDirectories.contains(where: matches) {
            return .visible
        }
        let isHeld =
            listing.files.keys.contains(where: matches) || listing.directories.keys.contains(where: matches)
        return isHeld ? .ignored : .missing
    }

    /// Everything that is visible, files first.
    var visiblePaths: [Path] { visibleFiles.sorted() + visibleDirectories.filter { !$0.isRoot }.sorted() }
}
