import DockerSyntax
import GitPatterns
import SpacesModel

/// The files and directories of the tree that `.dockerignore` leaves in the Docker build context.
struct BuildContext: Sendable {
    private let listing: FileListing
    private let visibleFiles: Set<Path>
    private let visibleDirectories: Set<Path>
    private let links: Set<Path>

    init(_ listing: FileListing, ignoring ignored: DockerIgnore) {
        self.listing = listing
        visibleFiles = Set(listing.files.keys.filter { !ignored.ignores($0) })
        let parentDirectories = Set(visibleFiles.flatMap { $0.levels.dropLast() })
        let listedDirectories = listing.directories.keys.filter { !ignored.ignores($0) }
        visibleDirectories = parentDirectories.union(listedDirectories).union([.root])
        // Paths below a symbolic link or submodule are not in the listing.
        links = Set(listing.files.filter { $0.value.kind == .symlink || $0.value.kind == .submodule }.keys)
    }

    enum PathStatus: Equatable {
        case visible
        /// In the tree, but excluded by `.dockerignore`.
        case ignored
        case missing
    }

    func status(_ path: Path) -> PathStatus {
        if visibleFiles.contains(path) || visibleDirectories.contains(path) { return .visible }
        if path.levels.dropLast().contains(where: links.contains) { return .visible }
        return listing.contains(path) ? .ignored : .missing
    }

    /// Returns the status of the paths that a pattern matches (Go's `filepath.Match` on complete
    /// paths).
    func status(_ glob: Glob) -> PathStatus {
        let matches = { (path: Path) in glob.matches(path.bytes) }
        if visibleFiles.contains(where: matches) || visibleDirectories.contains(where: matches) {
            return .visible
        }
        let isInTree =
            listing.files.keys.contains(where: matches) || listing.directories.keys.contains(where: matches)
        return isInTree ? .ignored : .missing
    }

    /// All visible paths, files first.
    var visiblePaths: [Path] { visibleFiles.sorted() + visibleDirectories.filter { !$0.isRoot }.sorted() }
}
