import DeploySettings
import FrontMatter
import SpacesModel
import TextTools

/// The first deploy to a Space that other tools filled: which of its files the source has or had, so that replacing them
/// loses nothing (design 4.6). Tools change files on the way: modes, symlinks, line ends, pointers of Git LFS.
struct FirstContact<Store: ObjectStoring & HistoryReading>: Sendable {
    let target: Target
    let snapshot: Snapshot
    let head: Commit
    let store: Store
    /// Brings blobs of the Space, in one request.
    let bring: @Sendable ([ObjectID]) async throws(Failure) -> Void

    /// Bytes of all contents that are compared; what lies beyond counts as the Space's own.
    private static var budget: Int { 256 << 20 }

    /// The paths of those files of the Space that the source has a version of, in its newest commits or in what would be
    /// pushed.
    /// - Parameter files: what the Space has and a push would replace or remove.
    func known(_ files: [Path: ThreeWay]) async throws(Failure) -> Set<Path> {
        let versions = try await versions(of: files)
        let theirs = try await TreeDraft(opening: head.tree, in: store)
        var known: Set<Path> = []
        var open: [(path: Path, file: FileMark)] = []
        for (path, edit) in files {
            guard let file = edit.space else { continue }
            let found = versions[path] ?? []
            if found.contains(where: { $0.isSame(as: file) }) {
                known.insert(path)
            } else if !found.isEmpty || Self.isCompared(path), file.kind.isBlob {
                open.append((path, file))
            }
        }
        open = try await followed(open, in: theirs)
        try await bring(open.map(\.file.id))
        await supply(open.flatMap { versions[$0.path] ?? [] })
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

    private func versions(of files: [Path: ThreeWay]) async throws(Failure) -> [Path: Set<FileMark>] {
        let places = try await SourcePlaces(target, in: snapshot, store: store)
        var origins: [Path: Set<Path>] = [:]
        for path in files.keys { origins[path] = try await places.possibleOrigins(of: path) }
        let all = origins.values.reduce(into: Set()) { $0.formUnion($1) }
        let versions = try await SourceVersions(of: all, from: snapshot.commit.id, in: store)
        return origins.mapValues { places in
            places.reduce(into: []) { $0.formUnion(versions.versions(at: $1)) }
        }
    }

    /// A symlink of the Space stands for the file that it leads to.
    private func followed(
        _ files: [(path: Path, file: FileMark)], in theirs: TreeDraft
    ) async throws(Failure) -> [(path: Path, file: FileMark)] {
        let links = files.filter { $0.file.kind == .symlink }
        guard !links.isEmpty else { return files }
        try await bring(links.map(\.file.id))
        var followed: [(path: Path, file: FileMark)] = []
        for (path, file) in files {
            guard file.kind == .symlink else {
                followed.append((path, file))
                continue
            }
            let end = try await theirs.following(path, in: store) { (blob) async throws(Failure) in
                try await bring([blob])
                return try await store.content(of: blob)
            }
            if case .file(_, let kind, let id) = end {
                followed.append((path, FileMark(kind: kind, id: id)))
            }
        }
        return followed
    }

    /// Fetches blobs of the source that are missing here. A blob that cannot be fetched is not compared.
    private func supply(_ files: [FileMark]) async {
        guard let supply = snapshot.supply else { return }
        var missing: [ObjectID] = []
        for file in files where file.kind.isBlob {
            if await !store.holds(file.id) { missing.append(file.id) }
        }
        if !missing.isEmpty { try? await supply(missing) }
    }

    private func isKnown(
        _ file: FileMark, at path: Path, among candidates: Set<FileMark>, _ budget: inout Int
    ) async throws(Failure) -> Bool {
        if candidates.contains(where: { $0.isSame(as: file) }) { return true }
        budget -= try await store.size(of: file.id)
        guard budget >= 0 else { return false }
        let theirs = try await store.content(of: file.id)
        var ours: [[UInt8]] = []
        for candidate in candidates where candidate.kind.isBlob {
            guard await store.holds(candidate.id) else { continue }
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
        if path == "README.md" { return comparison.isReadme(of: ours) }
        if path.name == ".gitattributes" { return comparison.isAttributes(of: ours) }
        return comparison.isText(of: ours)
    }

    /// Whether one of the two is the other's pointer of Git LFS.
    private func isPointer(
        _ candidate: FileMark, _ theirs: [UInt8], _ file: FileMark
    ) async throws(Failure) -> Bool {
        let size = try await store.size(of: candidate.id)
        if let pointer = LFSPointer(theirs) {
            guard size == pointer.size || size < LFSPointer.limit else { return false }
            return try await store.passingPointer(to: candidate.id, nil, isBinary: false) == pointer
        }
        guard size < LFSPointer.limit, let pointer = LFSPointer(try await store.content(of: candidate.id)),
            pointer.size == theirs.count
        else { return false }
        return try await store.passingPointer(to: file.id, theirs, isBinary: false) == pointer
    }
}

extension FileMark {
    /// The same content; an executable bit, or a link stored as a plain file, makes no difference.
    fileprivate func isSame(as other: FileMark) -> Bool {
        id == other.id && kind.isBlob == other.kind.isBlob
    }
}

/// Compares a file of the Space with versions of the source, apart from what other tools change on the way.
struct UploadComparison: Sendable {
    private let theirs: [UInt8]

    init(_ theirs: [UInt8]) { self.theirs = theirs }

    /// Apart from carriage returns before line feeds.
    func isText(of versions: [[UInt8]]) -> Bool {
        let text = Self.plain(theirs)
        return versions.contains { Self.plain($0) == text }
    }

    /// Apart from lines that send files by LFS: the Hub and its client add them.
    func isAttributes(of versions: [[UInt8]]) -> Bool {
        let rules = Self.rules(theirs)
        return rules.isEmpty || versions.contains { Self.rules($0) == rules }
    }

    /// Card and text separately: each key has a value that a version has, the text is that of a version, or the Hub's own.
    func isReadme(of versions: [[UInt8]]) -> Bool {
        if InitialHubFiles.matches("README.md", Self.plain(theirs)) || isText(of: versions) { return true }
        let cards = versions.map { Card.read($0) }
        let card = Card.read(theirs)
        guard card.broken.isEmpty else { return false }
        let isCardKnown = card.keys.allSatisfy { key in
            let sides = cards.filter { $0.keys.contains(key) }
            // A key that only the Space has completes our card.
            return sides.isEmpty || sides.contains { $0.node(of: key) == card.node(of: key) }
        }
        let text = Self.body(theirs)
        let comments = Set(versions.flatMap { Self.comments($0) })
        return isCardKnown && Self.comments(theirs).allSatisfy(comments.contains)
            && (text.isEmpty || versions.contains { Self.body($0) == text })
    }

    private static func comments(_ readme: [UInt8]) -> [[UInt8]] {
        guard let matter = Card.read(readme).matter else { return [] }
        return plain(Array(readme[matter.yaml])).split(separator: .newline).map { $0.drop { $0 == .space } }
            .filter { $0.first == UInt8(ascii: "#") }.map { Array($0) }
    }

    private static func body(_ readme: [UInt8]) -> [UInt8] {
        InitialHubFiles.withoutLinkLine(plain(ReadmeBody(readme).text))
    }

    private static func rules(_ attributes: [UInt8]) -> [[UInt8]] {
        plain(attributes).split(separator: .newline).filter { line in
            !line.spaced.contains { $0.elementsEqual("filter=lfs".utf8) }
        }.map { Array($0) }
    }

    private static func plain(_ text: [UInt8]) -> [UInt8] {
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
