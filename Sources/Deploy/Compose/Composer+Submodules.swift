/// Submodules: Git holds the commit of another repository in their place, not its files.
extension Composer {
    /// Leaves out each submodule that nobody could fetch: one goes to the Space only with its `.gitmodules`
    /// (`include = .gitmodules`), with a public https address.
    mutating func leaveOutSubmodules(in draft: inout TreeDraft) async throws(Failure) {
        guard snapshot.promotion == nil, !snapshot.isOfSpace, await store.hasSubmodules else { return }
        var known: [ObjectID: Bool] = [:]
        let paths = try await submodules(in: draft, at: .root, &known)
        guard !paths.isEmpty else { return }
        let fetched = try await fetchedSubmodules(in: draft)
        let left = paths.filter { !fetched.contains($0) }.sorted()
        for path in left { try await draft.put(nil, at: path, in: store) }
        guard let first = left.first else { return }
        let names = left.prefix(5).map(\.shown).joined(separator: ", ") + (left.count > 5 ? ", …" : "")
        let what =
            left.count == 1 ? "is a submodule and is" : "and \(left.count - 1) more are submodules and are"
        sourceFindings.append(
            Finding(
                .warning, first, .submodule,
                "\(what) left out: Git holds a commit of another repository there, not its files",
                mend: "copy the files into the source; or, with a public https address, "
                    + "include = .gitmodules; to end this warning: exclude = "
                    + (left.count == 1 ? first.pattern : "PATH, for each of \(names)")))
    }

    private func submodules(
        in draft: TreeDraft, at path: Path, _ known: inout [ObjectID: Bool]
    ) async throws(Failure) -> [Path] {
        var found: [Path] = []
        for (name, node) in draft.nodes {
            let place = path.appending(name)
            if case .entry(.submodule, _) = node { found.append(place) }
            if case .entry(.tree, let id) = node, try await !holdsSubmodules(id, &known) { continue }
            if let directory = try await node.opened(in: store) {
                found += try await submodules(in: directory, at: place, &known)
            }
        }
        return found
    }

    /// Each tree is looked at once.
    private func holdsSubmodules(
        _ tree: ObjectID, _ known: inout [ObjectID: Bool]
    ) async throws(Failure) -> Bool {
        if let answer = known[tree] { return answer }
        guard await store.holds(tree) else { return false }
        var answer = false
        for entry in try await store.entries(of: tree) where !answer {
            if entry.kind == .submodule { answer = true }
            if entry.kind == .tree { answer = try await holdsSubmodules(entry.id, &known) }
        }
        known[tree] = answer
        return answer
    }

    /// Paths that the tree's `.gitmodules` names with an address that the Hub can fetch from.
    private func fetchedSubmodules(in draft: TreeDraft) async throws(Failure) -> Set<Path> {
        guard let blob = draft[".gitmodules"]?.blob else { return [] }
        if let supply = snapshot.supply, await !store.holds(blob) { try await supply([blob]) }
        guard try await store.size(of: blob) <= 1 << 20 else { return [] }
        return GitModules(try await store.content(of: blob)).publicPaths
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
