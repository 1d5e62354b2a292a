import DeploySettings
import DockerSyntax
import DockerfileTemplates
import GitPatterns
import SpacesModel
import TextTools

extension TreeComposer {
    /// Returns the error for a path that a setting names and the source does not have.
    func missingPathError(_ path: Path, key: String, in top: TreeBuilder) async -> DeployError {
        let suggestion = nearest(path, among: await paths(in: top)).map { "did you mean \($0)?" }
        return DeployError(
            .settings, "\(key) = \(path): no such path in \(snapshot.repository) at \(revisionName)",
            hint: suggestion ?? listingHint(top))
    }

    /// Returns a hint with a command that lists the source's files, or with the names at its root if the
    /// source is remote.
    private func listingHint(_ top: TreeBuilder) -> String {
        guard snapshot.repository.contains("://") else {
            return "to list the files: git ls-tree -r --name-only \(revisionName)"
        }
        let names = top.nodes.map { $1.isDirectory ? "\($0)/" : "\($0)" }.sorted()
        return "files at the root: " + names.prefix(20).joined(separator: ", ")
            + (names.count > 20 ? ", …" : "")
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
            hint: "patterns are relative to root, as in .gitignore")
    }

    private var revisionName: String { snapshot.branch ?? snapshot.commit.id.short }

    private func paths(in draft: TreeBuilder) async -> [Path] {
        do { return try await draft.paths(in: store) } catch { return [] }
    }

    /// Fetches, in one request, the blobs that composing reads from a remote source.
    func fetchMissingSourceBlobs(_ draft: TreeBuilder, from top: TreeBuilder, over old: TreeBuilder)
        async throws(DeployError)
    {
        guard let fetchSourceBlobs = snapshot.fetchBlobs else { return }
        var requirements = BlobRequirements(store)
        try await requirements.collect(at: draft, beside: old)
        for path in [target.dockerfile, target.cardFile].compactMap({ $0 }) {
            requirements.add(try await file(at: path, in: top))
        }
        if draft["Dockerfile"] == nil, target.dockerfile == nil {
            let names = Set(draft.nodes.keys.map(\.description))
            for name in Set(Template.allCases.flatMap { $0.requiredFiles(among: names) }) {
                requirements.add(draft[Path(name)]?.blob)
            }
        }
        if target.usesLFS { try await requirements.removeKnownPointers(of: draft, beside: old) }
        let missing = await requirements.missingBlobs
        if !missing.isEmpty { try await fetchSourceBlobs(missing) }
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
            reasons.record(path, "tracks \(shown) with LFS")
        }
        lfsStager = stager
    }
}

/// Submodules: Git stores the commit id of another repository in their place, not its files.
extension TreeComposer {
    /// Removes each submodule that the Hub could not fetch. A submodule stays only if its
    /// `.gitmodules` is deployed (`include = .gitmodules`) and has a public https URL for it.
    mutating func leaveOutSubmodules(in draft: inout TreeBuilder) async throws(DeployError) {
        guard snapshot.promotion == nil, !snapshot.isFromSpace, await store.hasSubmodules else { return }
        var known: [ObjectID: Bool] = [:]
        let paths = try await submodules(in: draft, at: .root, &known)
        guard !paths.isEmpty else { return }
        let fetchable = try await fetchedSubmodules(in: draft)
        let removed = paths.filter { !fetchable.contains($0) }.sorted()
        for path in removed { try await draft.set(nil, at: path, in: store) }
        guard let first = removed.first else { return }
        let names = removed.prefix(5).map(\.shown).joined(separator: ", ") + (removed.count > 5 ? ", …" : "")
        let summary =
            removed.count == 1 ? "submodule skipped" : "\(removed.count) submodules skipped (\(names))"
        sourceFindings.append(
            Finding(
                .warning, first, .submodule,
                "\(summary): Git has only the id of another repository's commit there, not its files",
                fix:
                    "copy the files into the source, or set include = .gitmodules if the URL is public https; "
                    + "to hide this warning, set exclude = \(first.pattern)"))
    }

    private func submodules(
        in draft: TreeBuilder, at path: Path, _ known: inout [ObjectID: Bool]
    ) async throws(DeployError) -> [Path] {
        var found: [Path] = []
        for (name, node) in draft.nodes {
            let childPath = path.appending(name)
            if case .entry(.submodule, _) = node { found.append(childPath) }
            if case .entry(.tree, let id) = node {
                let containsSubmodule = try await store.containsTree(in: id, &known) {
                    (tree) async throws(DeployError) in
                    try await store.entries(of: tree).contains { $0.kind == .submodule }
                }
                if !containsSubmodule { continue }
            }
            if let directory = try await node.openDirectory(in: store) {
                found += try await submodules(in: directory, at: childPath, &known)
            }
        }
        return found
    }

    /// Returns the paths for which the tree's `.gitmodules` has a URL that the Hub can fetch from.
    private func fetchedSubmodules(in draft: TreeBuilder) async throws(DeployError) -> Set<Path> {
        guard let blob = draft[".gitmodules"]?.blob else { return [] }
        return GitModules(try await sourceText(blob)).publicPaths
    }
}

/// The submodules with a public URL in a `.gitmodules` file (gitmodules(5)).
struct GitModules {
    /// Paths of submodules with an https URL without a user.
    private(set) var publicPaths: Set<Path> = []

    init(_ bytes: [UInt8]) {
        var (path, url): (String?, String?) = (nil, nil)
        for line in bytes.text.split(whereSeparator: \.isNewline) {
            let line = String(line).trimmed
            if line.hasPrefix("[") { (path, url) = (nil, nil) }
            let parts = line.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            guard parts.count == 2 else { continue }
            let value = parts[1].hasPrefix("\"") ? Path(quoted: parts[1]).description : parts[1]
            switch parts[0].lowercased() {
            case "path": path = value
            case "url": url = value
            default: continue
            }
            if let path, let url, let tidyPath = Path(tidy: path), Self.isPublic(url) {
                publicPaths.insert(tidyPath)
            }
        }
    }

    private static func isPublic(_ url: String) -> Bool {
        guard let remote = try? RemoteURL(url) else { return false }
        return remote.scheme == "https" && remote.user == nil
    }
}
