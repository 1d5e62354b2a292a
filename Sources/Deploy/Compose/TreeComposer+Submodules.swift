import SpacesModel
import TextTools

/// Submodules: Git holds the commit of another repository in their place, not its files.
extension TreeComposer {
    /// Leaves out each submodule that nobody could fetch: one goes to the Space only with its `.gitmodules`
    /// (`include = .gitmodules`), with a public https address.
    mutating func leaveOutSubmodules(in draft: inout TreeBuilder) async throws(DeployError) {
        guard snapshot.promotion == nil, !snapshot.isFromSpace, await store.hasSubmodules else { return }
        var known: [ObjectID: Bool] = [:]
        let paths = try await submodules(in: draft, at: .root, &known)
        guard !paths.isEmpty else { return }
        let fetched = try await fetchedSubmodules(in: draft)
        let left = paths.filter { !fetched.contains($0) }.sorted()
        for path in left { try await draft.set(nil, at: path, in: store) }
        guard let first = left.first else { return }
        let names = left.prefix(5).map(\.shown).joined(separator: ", ") + (left.count > 5 ? ", …" : "")
        let what = left.count == 1 ? "submodule left out" : "\(left.count) submodules left out (\(names))"
        sourceFindings.append(
            Finding(
                .warning, first, .submodule,
                "\(what): Git has only the id of another repository's commit there, not its files",
                fix:
                    "copy the files into the source, or set include = .gitmodules if the URL is public https; "
                    + "to hide this warning, set exclude = \(first.pattern)"))
    }

    private func submodules(
        in draft: TreeBuilder, at path: Path, _ known: inout [ObjectID: Bool]
    ) async throws(DeployError) -> [Path] {
        var found: [Path] = []
        for (name, node) in draft.nodes {
            let place = path.appending(name)
            if case .entry(.submodule, _) = node { found.append(place) }
            if case .entry(.tree, let id) = node {
                let isAbove = try await store.containsTree(in: id, &known) {
                    (tree) async throws(DeployError) in
                    try await store.entries(of: tree).contains { $0.kind == .submodule }
                }
                if !isAbove { continue }
            }
            if let directory = try await node.openDirectory(in: store) {
                found += try await submodules(in: directory, at: place, &known)
            }
        }
        return found
    }

    /// Paths that the tree's `.gitmodules` names with an address that the Hub can fetch from.
    private func fetchedSubmodules(in draft: TreeBuilder) async throws(DeployError) -> Set<Path> {
        guard let blob = draft[".gitmodules"]?.blob else { return [] }
        return GitModules(try await sourceText(blob)).publicPaths
    }
}

/// A `.gitmodules` file (gitmodules(5)), as far as it says where submodules come from.
struct GitModules {
    /// Paths of submodules with an https address without a user.
    private(set) var publicPaths: Set<Path> = []

    init(_ bytes: [UInt8]) {
        var (path, url): (String?, String?) = (nil, nil)
        for line in bytes.text.split(whereSeparator: \.isNewline) {
            let line = String(line).trimmed
            if line.hasPrefix("[") { (path, url) = (nil, nil) }
            let halves = line.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            guard halves.count == 2 else { continue }
            let value = halves[1].hasPrefix("\"") ? Path(quoted: halves[1]).description : halves[1]
            switch halves[0].lowercased() {
            case "path": path = value
            case "url": url = value
            default: continue
            }
            if let path, let url, let place = Path(tidy: path), Self.isPublic(url) {
                publicPaths.insert(place)
            }
        }
    }

    private static func isPublic(_ url: String) -> Bool {
        guard let remote = try? RemoteURL(url) else { return false }
        return remote.scheme == "https" && remote.user == nil
    }
}
