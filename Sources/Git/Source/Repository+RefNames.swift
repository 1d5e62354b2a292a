internal import CGit2
import SpacesModel
import TextTools

extension Repository {
    /// The short names of branches, tags and remote branches, in Git's order.
    var names: [String] {
        let raw = handle.raw
        guard
            let iterator = try? Handle<ReferenceIteratorKind>(
                "git_reference_iterator_new", { git_reference_iterator_new(&$0, raw) })
        else { return [] }
        var (names, name): ([String], UnsafePointer<CChar>?) = ([], nil)
        while git_reference_next_name(&name, iterator.raw) == 0 {
            if let name, let short = Self.shortName(String(cString: name)) { names.append(short) }
        }
        return names
    }

    private static func shortName(_ name: String) -> String? {
        for prefix in ["refs/heads/", "refs/tags/", "refs/remotes/"] where name.hasPrefix(prefix) {
            let short = String(name.dropFirst(prefix.count))
            return short.hasSuffix("/HEAD") ? nil : short
        }
        return nil
    }

    /// Returns the error for a HEAD without a commit.
    func unborn() -> DeployError {
        let existing = names
        guard existing.isEmpty else {
            return DeployError(
                .source, "HEAD of the repository at \(path) names a branch that has no commit",
                details: [RefNames.list(existing)],
                hint: "name the branch: --branch \(existing[0].shellQuoted)")
        }
        return DeployError(
            .source, "the repository at \(path) has no commit yet",
            hint: "cd \(path.shellQuoted) && git add -A && git commit -m \"first commit\"")
    }

    /// Returns the error for an unknown branch, tag or commit.
    func missing(_ revision: String) -> DeployError {
        RefNames.missing(revision, among: names, in: "the repository at \(path)")
    }
}

/// Messages with the names of branches and tags.
enum RefNames {
    static func missing(_ revision: String, among names: [String], in location: String) -> DeployError {
        let suggestion =
            nearest(revision, among: names)
            ?? nearest(revision, among: names.map { String($0.trimmingPrefix("origin/")) })
        let hint = suggestion.map { "did you mean \($0)?" } ?? "name one of these with --branch"
        return DeployError(
            .source, "\(location) has no branch, tag or commit “\(revision)”",
            details: [names.isEmpty ? "it has no branch and no tag" : list(names)],
            hint: names.isEmpty ? "push a branch to it first" : hint)
    }

    /// Returns `it has: a, b, c … and 12 more`.
    static func list(_ names: [String], atMost limit: Int = 12) -> String {
        let more = names.count > limit ? " … and \(names.count - limit) more" : ""
        return "it has: " + names.prefix(limit).joined(separator: ", ") + more
    }
}
