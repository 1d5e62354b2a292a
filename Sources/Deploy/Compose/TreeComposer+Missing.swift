import DeploySettings
import GitPatterns
import SpacesModel

extension TreeComposer {
    /// Returns the error for a path that a setting names and the source does not have.
    func missingPathError(_ path: Path, key: String, in top: TreeBuilder) async -> DeployError {
        let suggestion = nearest(path, among: await paths(in: top)).map { "did you mean \($0)?" }
        return DeployError(
            .settings, "\(key) = \(path): there is no such path in \(snapshot.repository) at \(revisionName)",
            hint: suggestion ?? "what is there: \(listingHint(top))")
    }

    /// Returns a command that lists the source's files, or the names at its root if the source is
    /// remote.
    private func listingHint(_ top: TreeBuilder) -> String {
        guard snapshot.repository.contains("://") else { return "git ls-tree -r --name-only \(revisionName)" }
        let names = top.nodes.map { $1.isDirectory ? "\($0)/" : "\($0)" }.sorted()
        return names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    }

    /// Returns the error for include patterns that match nothing.
    func unmatchedPatternsError(_ patterns: [IgnorePattern], in root: TreeBuilder) async -> DeployError {
        let knownPaths = await paths(in: root)
        let details = patterns.map { pattern in
            let suggestion = nearest(Path(pattern.text), among: knownPaths).map { " (did you mean \($0)?)" }
            return "include = \(pattern.text)\(suggestion ?? "")"
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

/// Git LFS: chooses the files to send by LFS after all other files of the tree are in place.
extension TreeComposer {
    mutating func stageLFSFiles(over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard target.usesLFS else { return }
        var stager = LFSStager(
            in: store, allowlist: CredentialAllowlist(target.allowCredential), knowing: scanCache.drain(),
            fetchBlobs: fetchBlobs)
        try await stager.stage(&draft, over: old)
        scanCache = stager.scanCache.drain()
        lfsStager = stager
    }

    mutating func updateLFSAttributes(over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard var stager = lfsStager else { return }
        try await stager.trackAgain(&draft, keeping: Set(reasons.preserved.keys), over: old)
        for (path, patterns) in stager.lines {
            let patterns = Set(patterns).sorted()
            let shown = patterns.prefix(3).joined(separator: " ") + (patterns.count > 3 ? " …" : "")
            reasons.record(path, "sends \(shown) by LFS")
        }
        lfsStager = stager
    }
}
