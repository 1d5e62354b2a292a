import GitPatterns
import SpacesModel
import TextTools

/// Checks for broken symbolic links and for submodules.
struct SymlinkRules {
    private let listing: FileListing

    private let suggestions: Suggestions

    init(_ listing: FileListing) {
        self.listing = listing
        suggestions = Suggestions { listing.files.keys.sorted() }
    }

    var findings: [Finding] {
        listing.files.compactMap { path, file in
            switch file.kind {
            case .symlink: file.link.flatMap { brokenLink($0, from: path) }
            case .submodule:
                Finding(
                    .warning, path, .submodule,
                    "submodule: the Hub is reported to clone it (not verified for docker Spaces)",
                    fix:
                        "to be sure, copy its files into the source; to remove it, set exclude = \(path.pattern)"
                )
            default: nil
            }
        }
    }

    private func brokenLink(_ link: Path, from path: Path) -> Finding? {
        guard link.bytes.first != .slash, let target = Self.resolved(link, from: path.parent) else {
            return Finding(
                .warning, path, .symlink, "leads out of the tree, to \(link)",
                fix: "put the file itself there, unless it is made at build time")
        }
        let isBelowLink = target.levels.dropLast().contains { listing.files[$0]?.kind == .symlink }
        guard !listing.contains(target), !isBelowLink else { return nil }
        return Finding(
            .warning, path, .symlink, "leads to \(target), which is not in the tree",
            fix: suggestions.nearest(target).map { "did you mean \($0)?" }
                ?? "add what it leads to, or take the link out")
    }

    /// Returns the target of a link; `nil` if the link leads above the root.
    private static func resolved(_ link: Path, from directory: Path) -> Path? {
        var names = directory.names
        for name in link.names where name != "." {
            if name != ".." {
                names.append(name)
            } else if names.popLast() == nil {
                return nil
            }
        }
        return Path(joining: names)
    }
}
