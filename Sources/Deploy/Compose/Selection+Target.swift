import DeploySettings
import GitPatterns
import SpacesModel

extension Selection {
    /// Travelling settings, other hosts' CI, and what only makes sense in the source's own repository (design 3).
    package static let defaultExcludes = [
        ".spacesync", ".github/", ".gitlab-ci.yml", ".gitmodules", ".lfsconfig",
    ]

    /// `include`, then `exclude`; what is always left out can be had by naming it in `include`, or by `exclude = !NAME`. An
    /// `include` that names only such files adds them to everything else.
    init(_ target: Target) {
        let unnamed = Self.defaultExcludes.filter { name in
            let bare = name.hasSuffix("/") ? String(name.dropLast()) : name
            return !target.include.contains { $0.contains(bare) }
        }
        let isAdding = target.include.allSatisfy {
            Self.defaultExcludes.map(Self.trimmingSlashes).contains(Self.trimmingSlashes($0))
        }
        self.init(
            include: PatternList(isAdding ? [] : target.include),
            exclude: PatternList(unnamed + target.exclude))
    }

    private static func trimmingSlashes(_ pattern: String) -> Substring {
        let inner = pattern.hasPrefix("/") ? pattern.dropFirst() : pattern[...]
        return inner.hasSuffix("/") ? inner.dropLast() : inner
    }
}

/// The Space's own paths, which a deploy leaves as they are.
struct PreservedPaths: Sendable {
    private let patterns: PatternList
    private(set) var nodes: [(path: Path, node: TreeBuilder.Node)] = []

    init(_ patterns: [String]) { self.init(PatternList(patterns)) }
    init(_ patterns: PatternList) { self.patterns = patterns }

    /// Looks through a tree of the Space; a directory that is kept whole stays an id.
    mutating func collect(
        _ directory: TreeBuilder, at path: Path, in store: some ObjectDatabase
    ) async throws(DeployError) {
        for (name, node) in directory.nodes {
            let place = path.appending(name)
            let isKept = patterns.includes(place, isDirectory: node.isDirectory)
            let mayDiffer = patterns.mayChange(inside: place, to: isKept ? .negated : .matched)
            if node.isDirectory, mayDiffer, let inner = try await node.openDirectory(in: store) {
                try await collect(inner, at: place, in: store)
            } else if isKept {
                nodes.append((place, node))
            }
        }
    }
}
