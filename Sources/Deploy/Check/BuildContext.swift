import DockerSyntax
import GitPatterns
import SpacesModel

/// The files that a build of the tree can see.
struct BuildContext: Sendable {
    private let listing: TreeListing
    private let seenFiles: Set<Path>
    private let seenDirectories: Set<Path>
    private let links: Set<Path>

    init(_ listing: TreeListing, ignoring ignored: DockerIgnore) {
        self.listing = listing
        seenFiles = Set(listing.files.keys.filter { !ignored.leavesOut($0) })
        let above = Set(seenFiles.flatMap { $0.levels.dropLast() })
        let bare = listing.directories.keys.filter { !ignored.leavesOut($0) }
        seenDirectories = above.union(bare).union([.root])
        // Behind these stands what a listing does not show.
        links = Set(listing.files.filter { $0.value.kind == .symlink || $0.value.kind == .submodule }.keys)
    }

    enum Answer: Equatable {
        case there
        /// In the tree, but `.dockerignore` leaves it out.
        case ignored
        case missing
    }

    func answer(_ path: Path) -> Answer {
        if seenFiles.contains(path) || seenDirectories.contains(path) { return .there }
        if path.levels.dropLast().contains(where: links.contains) { return .there }
        return listing.holds(path) ? .ignored : .missing
    }

    /// What a pattern matches (Go's `filepath.Match` over whole paths).
    func answer(_ glob: Glob) -> Answer {
        let matches = { (path: Path) in glob.matches(path.bytes) }
        if seenFiles.contains(where: matches) || seenDirectories.contains(where: matches) { return .there }
        let isHeld =
            listing.files.keys.contains(where: matches) || listing.directories.keys.contains(where: matches)
        return isHeld ? .ignored : .missing
    }

    /// Everything that is visible, files first.
    var visiblePaths: [Path] { seenFiles.sorted() + seenDirectories.filter { !$0.isRoot }.sorted() }
}
