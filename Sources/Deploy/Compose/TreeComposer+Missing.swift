import GitPatterns
import SpacesModel

extension TreeComposer {
    /// A path that a setting names and the source does not hold.
    func missingPathError(_ path: Path, key: String, in top: TreeBuilder) async -> DeployError {
        let near = nearest(path, among: await paths(in: top)).map { "did you mean \($0)?" }
        return DeployError(
            .settings, "\(key) = \(path): there is no such path in \(snapshot.repository) at \(revisionName)",
            hint: near ?? "what is there: \(listingHint(top))")
    }

    /// A line that lists the source, where it is at hand; else what its top holds.
    private func listingHint(_ top: TreeBuilder) -> String {
        guard snapshot.repository.contains("://") else { return "git ls-tree -r --name-only \(revisionName)" }
        let names = top.nodes.map { $1.isDirectory ? "\($0)/" : "\($0)" }.sorted()
        return names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    }

    /// Include patterns that match nothing.
    func unmatchedPatternsError(_ patterns: [IgnorePattern], in root: TreeBuilder) async -> DeployError {
        let known = await paths(in: root)
        let details = patterns.map { pattern in
            let near = nearest(Path(pattern.text), among: known).map { " (did you mean \($0)?)" }
            return "include = \(pattern.text)\(near ?? "")"
        }
        return DeployError(
            .settings, "these patterns match nothing in \(snapshot.repository) at \(revisionName)",
            details: details,
            hint: "patterns are read below root, as in .gitignore")
    }

    private var revisionName: String { snapshot.branch ?? snapshot.commit.id.short }

    private func paths(in draft: TreeBuilder) async -> [Path] {
        do { return try await draft.paths(in: store) } catch { return [] }
    }
}
