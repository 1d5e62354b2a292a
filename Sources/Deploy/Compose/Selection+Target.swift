import DeploySettings
import GitPatterns
import SpacesModel

extension Selection {
    /// Paths that are excluded by default: settings in the source, CI of other hosts, and files that
    /// only make sense in the source's own repository (design 3).
    package static let defaultExcludes = [
        ".spacesync", ".github/", ".gitlab-ci.yml", ".gitmodules", ".lfsconfig",
    ]

    /// Applies `include`, then `exclude`. A path that is excluded by default is selected if `include`
    /// names it, or with `exclude = !NAME`. If `include` names only such paths, they are added to all
    /// other files.
    init(_ target: Target) {
        let excludedByDefault = Self.defaultExcludes.filter { name in
            let directoryName = name.hasSuffix("/") ? String(name.dropLast()) : name
            return !target.include.contains { $0.contains(directoryName) }
        }
        let isAdding = target.include.allSatisfy {
            Self.defaultExcludes.map(Self.trimmingSlashes).contains(Self.trimmingSlashes($0))
        }
        let include = PatternList(isAdding ? [] : target.include)
        self.init(
            include: include.isEmpty ? .everything : include,
            exclude: PatternList(excludedByDefault + target.exclude))
    }

    private static func trimmingSlashes(_ pattern: String) -> Substring {
        let trimmed = pattern.hasPrefix("/") ? pattern.dropFirst() : pattern[...]
        return trimmed.hasSuffix("/") ? trimmed.dropLast() : trimmed
    }
}

/// Files of the Space that a deploy preserves (`keep`).
struct PreservedPaths: Sendable {
    private let patterns: PatternList
    private(set) var nodes: [(path: Path, node: TreeBuilder.Node)] = []

    init(_ patterns: [String]) { self.init(PatternList(patterns)) }
    init(_ patterns: PatternList) { self.patterns = patterns }

    /// Collects the preserved files of a tree of the Space. A directory that is preserved completely
    /// stays an id.
    mutating func collect(
        _ directory: TreeBuilder, at path: Path, in store: some ObjectDatabase
    ) async throws(DeployError) {
        for (name, node) in directory.nodes {
            let childPath = path.appending(name)
            let isPreserved = patterns.includes(childPath, isDirectory: node.isDirectory)
            let mayDiffer = patterns.mayChange(inside: childPath, to: isPreserved ? .negated : .matched)
            if node.isDirectory, mayDiffer, let subdirectory = try await node.openDirectory(in: store) {
                try await collect(subdirectory, at: childPath, in: store)
            } else if isPreserved {
                nodes.append((childPath, node))
            }
        }
    }
}
