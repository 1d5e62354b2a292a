import GitPatterns
import SpacesModel

extension Composer {
    /// A path that a setting names and the source does not hold.
    func missing(_ path: Path, key: String, in top: TreeDraft) async -> Failure {
        let near = nearest(path, among: await paths(in: top)).map { "did you mean \($0)?" }
        return Failure(
            .settings, "\(key) = \(path): there is no such path in \(snapshot.repository) at \(place)",
            hint: near ?? "what is there: \(listing(top))")
    }

    /// A line that lists the source, where it is at hand; else what its top holds.
    private func listing(_ top: TreeDraft) -> String {
        guard snapshot.repository.contains("://") else { return "git ls-tree -r --name-only \(place)" }
        let names = top.nodes.map { $1.isDirectory ? "\($0)/" : "\($0)" }.sorted()
        return names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    }

    /// Include patterns that match nothing.
    func missing(_ patterns: [IgnorePattern], in root: TreeDraft) async -> Failure {
        let known = await paths(in: root)
        let details = patterns.map { pattern in
            let near = nearest(Path(pattern.text), among: known).map { " (did you mean \($0)?)" }
            return "include = \(pattern.text)\(near ?? "")"
        }
        return Failure(
            .settings, "these patterns match nothing in \(snapshot.repository) at \(place)", details: details,
            hint: "patterns are read below root, as in .gitignore")
    }

    private var place: String { snapshot.branch ?? snapshot.commit.id.short }

    private func paths(in draft: TreeDraft) async -> [Path] {
        do { return try await draft.paths(in: store) } catch { return [] }
    }
}
