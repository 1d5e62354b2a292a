import DeploySettings
import FrontMatter
import SpacesModel
import TextTools

/// The first deploy to a Space that other tools filled: which of its files the source has or had, so that replacing them
/// loses nothing (design 4.6). Tools change files on the way: modes, symlinks, line ends, pointers of Git LFS.
struct AdoptionCheck<Store: ObjectDatabase>: Sendable {
    let target: Target
    let snapshot: SourceSnapshot
    let head: Commit
    let store: Store
    /// Brings blobs of the Space, in one request.
    let fetchBlobs: @Sendable ([ObjectID]) async throws(DeployError) -> Void

    /// Bytes of all contents that are compared; what lies beyond counts as the Space's own.
    private static var budget: Int { 256 << 20 }

    /// The paths of those files of the Space that the source has a version of, in its newest commits or in what would be
    /// pushed.
    /// - Parameter files: what the Space has and a push would replace or remove.
    func findKnownPaths(_ files: [Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path> {
        let versions = try await versions(of: files)
        let theirs = try await TreeBuilder(opening: head.tree, in: store)
        var known: Set<Path> = []
        var open: [(path: Path, file: BlobVersion)] = []
        for (path, edit) in files {
            guard let file = edit.space else { continue }
            let found = versions[path] ?? []
            if found.contains(where: { $0.isSame(as: file) }) {
                known.insert(path)
            } else if !found.isEmpty || Self.isCompared(path), file.kind.isBlob {
                open.append((path, file))
            }
        }
        open = try await followingSymlinks(open, in: theirs)
        try await fetchBlobs(open.map(\.file.id))
        await fetchMissingSourceBlobs(open.flatMap { versions[$0.path] ?? [] })
        var budget = Self.budget
        for (path, file) in open {
            var candidates = versions[path] ?? []
            if let composed = files[path]?.source { candidates.insert(composed) }
            if try await isKnown(file, at: path, among: candidates, &budget) { known.insert(path) }
        }
        return known
    }

    /// Files that the Hub writes into a new Space count as known even if the source has none.
    private static func isCompared(_ path: Path) -> Bool {
        path == "README.md" || path.name == ".gitattributes"
    }

    private func versions(of files: [Path: ThreeWayEntry]) async throws(DeployError) -> [Path: Set<
        BlobVersion
    >] {
        let places = try await SourcePathResolver(target, in: snapshot, store: store)
        var origins: [Path: Set<Path>] = [:]
        for path in files.keys { origins[path] = try await places.possibleOrigins(of: path) }
        let all = origins.values.reduce(into: Set()) { $0.formUnion($1) }
        let versions = try await SourceVersions(of: all, from: snapshot.commit.id, in: store)
        return origins.mapValues { places in
            places.reduce(into: []) { $0.formUnion(versions.versions(at: $1)) }
        }
    }

    /// A symlink of the Space stands for the file that it leads to.
    private func followingSymlinks(
        _ files: [(path: Path, file: BlobVersion)], in spaceTree: TreeBuilder
    ) async throws(DeployError) -> [(path: Path, file: BlobVersion)] {
        let links = files.filter { $0.file.kind == .symlink }
        guard !links.isEmpty else { return files }
        try await fetchBlobs(links.map(\.file.id))
        var followed: [(path: Path, file: BlobVersion)] = []
        for (path, file) in files {
            guard file.kind == .symlink else {
                followed.append((path, file))
                continue
            }
            let end = try await spaceTree.resolveSymlinks(path, in: store) {
                (blob) async throws(DeployError) in
                try await fetchBlobs([blob])
                return try await store.content(of: blob)
            }
            if case .file(_, let kind, let id) = end {
                followed.append((path, BlobVersion(kind: kind, id: id)))
            }
        }
        return followed
    }

    /// Fetches blobs of the source that are missing here. A blob that cannot be fetched is not compared.
    private func fetchMissingSourceBlobs(_ files: [BlobVersion]) async {
        guard let supply = snapshot.fetchBlobs else { return }
        var missing: [ObjectID] = []
        for file in files where file.kind.isBlob {
            if await !store.contains(file.id) { missing.append(file.id) }
        }
        if !missing.isEmpty { try? await supply(missing) }
    }

    private func isKnown(
        _ file: BlobVersion, at path: Path, among candidates: Set<BlobVersion>, _ budget: inout Int
    ) async throws(DeployError) -> Bool {
        if candidates.contains(where: { $0.isSame(as: file) }) { return true }
        budget -= try await store.size(of: file.id)
        guard budget >= 0 else { return false }
        let theirs = try await store.content(of: file.id)
        var ours: [[UInt8]] = []
        for candidate in candidates where candidate.kind.isBlob {
            guard await store.contains(candidate.id) else { continue }
            if try await isPointer(candidate, theirs, file) { return true }
            let size = try await store.size(of: candidate.id)
            // Line ends make no text more than twice as long; a card or rules may be longer by more.
            guard Self.isCompared(path) || (size <= 2 * theirs.count && theirs.count <= 2 * size) else {
                continue
            }
            budget -= size
            guard budget >= 0 else { return false }
            ours.append(try await store.content(of: candidate.id))
        }
        let comparison = UploadComparison(theirs)
        if path == "README.md" { return comparison.matchesReadme(of: ours) }
        if path.name == ".gitattributes" { return comparison.matchesAttributes(of: ours) }
        return comparison.matchesText(of: ours)
    }

    /// Whether one of the two is the other's pointer of Git LFS.
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
    /// The same content; an executable bit, or a link stored as a plain file, makes no difference.
    fileprivate func isSame(as other: BlobVersion) -> Bool {
        id == other.id && kind.isBlob == other.kind.isBlob
    }
}

/// Compares a file of the Space with versions of the source, apart from what other tools change on the way.
struct UploadComparison: Sendable {
    private let spaceContent: [UInt8]

    init(_ spaceContent: [UInt8]) { self.spaceContent = spaceContent }

    /// Apart from carriage returns before line feeds.
    func matchesText(of versions: [[UInt8]]) -> Bool {
        let text = Self.normalizingLineEnds(spaceContent)
        return versions.contains { Self.normalizingLineEnds($0) == text }
    }

    /// Apart from lines that send files by LFS: the Hub and its client add them.
    func matchesAttributes(of versions: [[UInt8]]) -> Bool {
        let rules = Self.rules(spaceContent)
        return rules.isEmpty || versions.contains { Self.rules($0) == rules }
    }

    /// Card and text separately: each key has a value that a version has, the text is that of a version, or the Hub's own.
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
            let sides = cards.filter { $0.keys.contains(key) }
            // A key that only the Space has completes our card.
            return sides.isEmpty || sides.contains { $0.node(of: key) == card.node(of: key) }
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
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        for (index, byte) in text.enumerated() {
            let isBeforeLineFeed = index + 1 < text.count && text[index + 1] == .newline
            if byte != .carriageReturn || !isBeforeLineFeed { plain.append(byte) }
        }
        return plain
    }
}
