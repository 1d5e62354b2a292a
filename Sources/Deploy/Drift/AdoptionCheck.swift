import DeploySettings
import FrontMatter
import SpacesModel
import TextTools

/// A check before the first deploy to a Space that other tools filled: finds the files of the Space
/// that the source has or had, so that replacing them loses nothing (design 4.6). Other tools may have
/// changed modes, symlinks, line ends and Git LFS pointers.
struct AdoptionCheck: Sendable {
    let target: Target
    let snapshot: SourceSnapshot
    let head: Commit
    let store: any ObjectDatabase
    let space: any SpaceRepository

    init(_ target: Target, _ environment: DeployEnvironment, _ snapshot: SourceSnapshot, _ head: Commit) {
        (self.target, self.snapshot, self.head) = (target, snapshot, head)
        (store, space) = (environment.objects, environment.space)
    }

    /// The limit in bytes of all contents that are compared; files beyond the limit count as the
    /// Space's own.
    private static var budget: Int { 256 << 20 }

    /// Returns the paths of the Space's files of which the source has a version, in its newest commits
    /// or in the tree to be pushed.
    /// - Parameter files: files of the Space that a push would replace or remove.
    func findKnownPaths(_ files: [Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path> {
        let versions = try await versions(of: files)
        let spaceTree = try await TreeBuilder(opening: head.tree, in: store)
        var knownPaths: Set<Path> = []
        var unmatched: [(path: Path, file: BlobVersion)] = []
        for (path, edit) in files {
            guard let file = edit.space else { continue }
            let sourceVersions = versions[path] ?? []
            if sourceVersions.contains(where: { $0.isSame(as: file) }) {
                knownPaths.insert(path)
            } else if !sourceVersions.isEmpty || Self.isCompared(path), file.kind.isBlob {
                unmatched.append((path, file))
            }
        }
        unmatched = try await followingSymlinks(unmatched, in: spaceTree)
        try await space.fetchBlobs(unmatched.map(\.file.id))
        await fetchMissingSourceBlobs(unmatched.flatMap { versions[$0.path] ?? [] })
        var budget = Self.budget
        for (path, file) in unmatched {
            var candidates = versions[path] ?? []
            if let composed = files[path]?.source { candidates.insert(composed) }
            if try await isKnown(file, at: path, among: candidates, &budget) { knownPaths.insert(path) }
        }
        return knownPaths
    }

    /// Whether a file is compared even if the source has no version of it: the Hub writes such files
    /// into a new Space.
    private static func isCompared(_ path: Path) -> Bool {
        path == "README.md" || path.name == ".gitattributes"
    }

    private func versions(of files: [Path: ThreeWayEntry]) async throws(DeployError) -> [Path: Set<
        BlobVersion
    >] {
        let pathResolver = try await SourcePathResolver(target, in: snapshot, store: store)
        var origins: [Path: Set<Path>] = [:]
        for path in files.keys { origins[path] = try await pathResolver.possibleOrigins(of: path) }
        let all = origins.values.reduce(into: Set()) { $0.formUnion($1) }
        let versions = try await SourceVersions(of: all, from: snapshot.commit.id, in: store)
        return origins.mapValues { paths in
            paths.reduce(into: []) { $0.formUnion(versions.versions(at: $1)) }
        }
    }

    /// Replaces the Space's symlinks by the files that they point to.
    private func followingSymlinks(
        _ files: [(path: Path, file: BlobVersion)], in spaceTree: TreeBuilder
    ) async throws(DeployError) -> [(path: Path, file: BlobVersion)] {
        let links = files.filter { $0.file.kind == .symlink }
        guard !links.isEmpty else { return files }
        try await space.fetchBlobs(links.map(\.file.id))
        var resolved: [(path: Path, file: BlobVersion)] = []
        for (path, file) in files {
            guard file.kind == .symlink else {
                resolved.append((path, file))
                continue
            }
            let destination = try await spaceTree.resolveSymlinks(path, in: store) {
                (blob) async throws(DeployError) in
                try await space.fetchBlobs([blob])
                return try await store.content(of: blob)
            }
            if case .file(_, let kind, let id) = destination {
                resolved.append((path, BlobVersion(kind: kind, id: id)))
            }
        }
        return resolved
    }

    /// Fetches blobs of the source that are missing locally. A blob that cannot be fetched is not
    /// compared.
    private func fetchMissingSourceBlobs(_ files: [BlobVersion]) async {
        guard let fetchSourceBlobs = snapshot.fetchBlobs else { return }
        var missing: [ObjectID] = []
        for file in files where file.kind.isBlob {
            if await !store.contains(file.id) { missing.append(file.id) }
        }
        if !missing.isEmpty { try? await fetchSourceBlobs(missing) }
    }

    private func isKnown(
        _ file: BlobVersion, at path: Path, among candidates: Set<BlobVersion>, _ budget: inout Int
    ) async throws(DeployError) -> Bool {
        if candidates.contains(where: { $0.isSame(as: file) }) { return true }
        budget -= try await store.size(of: file.id)
        guard budget >= 0 else { return false }
        let spaceContent = try await store.content(of: file.id)
        var sourceContents: [[UInt8]] = []
        for candidate in candidates where candidate.kind.isBlob {
            guard await store.contains(candidate.id) else { continue }
            if try await isPointer(candidate, spaceContent, file) { return true }
            let size = try await store.size(of: candidate.id)
            // Converted line ends at most double the size of a text; a README or `.gitattributes` may
            // differ by more.
            guard Self.isCompared(path) || (size <= 2 * spaceContent.count && spaceContent.count <= 2 * size)
            else {
                continue
            }
            budget -= size
            guard budget >= 0 else { return false }
            sourceContents.append(try await store.content(of: candidate.id))
        }
        let comparison = UploadComparison(spaceContent)
        if path == "README.md" { return comparison.matchesReadme(of: sourceContents) }
        if path.name == ".gitattributes" { return comparison.matchesAttributes(of: sourceContents) }
        return comparison.matchesText(of: sourceContents)
    }

    /// Whether one of the two files is the Git LFS pointer to the other.
    private func isPointer(
        _ candidate: BlobVersion, _ spaceContent: [UInt8], _ file: BlobVersion
    ) async throws(DeployError) -> Bool {
        let size = try await store.size(of: candidate.id)
        if let pointer = LFSPointer(spaceContent) {
            guard size == pointer.size || size < LFSPointer.maxSize else { return false }
            return try await store.uncachedPointer(to: candidate.id, nil, isBinary: false) == pointer
        }
        guard size < LFSPointer.maxSize, let pointer = LFSPointer(try await store.content(of: candidate.id)),
            pointer.size == spaceContent.count
        else { return false }
        return try await store.uncachedPointer(to: file.id, spaceContent, isBinary: false) == pointer
    }
}

extension BlobVersion {
    /// Whether the content is the same, regardless of the executable bit and of symlinks stored as
    /// regular files.
    fileprivate func isSame(as other: BlobVersion) -> Bool {
        id == other.id && kind.isBlob == other.kind.isBlob
    }
}

/// A comparison of a file of the Space with versions of the source that ignores changes made by upload
/// tools.
struct UploadComparison: Sendable {
    private let spaceContent: [UInt8]

    init(_ spaceContent: [UInt8]) { self.spaceContent = spaceContent }

    /// Whether a version has the same text, ignoring carriage returns before line feeds.
    func matchesText(of versions: [[UInt8]]) -> Bool {
        let text = Self.normalizingLineEnds(spaceContent)
        return versions.contains { Self.normalizingLineEnds($0) == text }
    }

    /// Whether a version has the same rules, ignoring `filter=lfs` lines: the Hub and its client add
    /// them.
    func matchesAttributes(of versions: [[UInt8]]) -> Bool {
        let rules = Self.rules(spaceContent)
        return rules.isEmpty || versions.contains { Self.rules($0) == rules }
    }

    /// Whether card and text, compared separately, are known: each key has the value of a version, and
    /// the text is that of a version or of the Hub's template.
    func matchesReadme(of versions: [[UInt8]]) -> Bool {
        if InitialHubFiles.matches("README.md", Self.normalizingLineEnds(spaceContent))
            || matchesText(of: versions)
        {
            return true
        }
        let cards = versions.map { Card.read($0) }
        let card = Card.read(spaceContent)
        guard card.syntaxErrors.isEmpty else { return false }
        let isCardKnown = card.keys.allSatisfy { key in
            let cardsWithKey = cards.filter { $0.keys.contains(key) }
            // A key that only the Space has completes the composed card.
            return cardsWithKey.isEmpty || cardsWithKey.contains { $0.node(of: key) == card.node(of: key) }
        }
        let text = Self.body(spaceContent)
        let comments = Set(versions.flatMap { Self.comments($0) })
        return isCardKnown && Self.comments(spaceContent).allSatisfy(comments.contains)
            && (text.isEmpty || versions.contains { Self.body($0) == text })
    }

    private static func comments(_ readme: [UInt8]) -> [[UInt8]] {
        guard let matter = Card.read(readme).frontMatter else { return [] }
        return normalizingLineEnds(Array(readme[matter.yaml])).split(separator: .newline).map {
            $0.drop { $0 == .space }
        }
        .filter { $0.first == UInt8(ascii: "#") }.map { Array($0) }
    }

    private static func body(_ readme: [UInt8]) -> [UInt8] {
        InitialHubFiles.withoutLinkLine(normalizingLineEnds(ReadmeBody(readme).text))
    }

    private static func rules(_ attributes: [UInt8]) -> [[UInt8]] {
        normalizingLineEnds(attributes).split(separator: .newline).filter { line in
            !line.whitespaceSeparated.contains { $0.elementsEqual("filter=lfs".utf8) }
        }.map { Array($0) }
    }

    private static func normalizingLineEnds(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(.carriageReturn) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for (index, byte) in text.enumerated() {
            let isBeforeLineFeed = index + 1 < text.count && text[index + 1] == .newline
            if byte != .carriageReturn || !isBeforeLineFeed { result.append(byte) }
        }
        return result
    }
}
