import SpacesModel
import TextTools

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
            removed.count == 1 ? "submodule left out" : "\(removed.count) submodules left out (\(names))"
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
