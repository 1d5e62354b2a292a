import GitPatterns
import SpacesModel
import TextTools

/// Puts pointers in the place of files that go by LFS: what is binary, what is larger than the Hub takes outside of it,
/// and what the resulting `.gitattributes` send there. Lines that are missing in that file are written.
struct LFSStager<Store: ObjectDatabase>: Sendable {
    private typealias Candidate = LFSCandidateFinder<Store>.Candidate

    private let store: Store
    private let allowlist: CredentialAllowlist
    /// Brings blobs of the Space into the store.
    private let fetchBlobs: @Sendable ([ObjectID]) async throws(DeployError) -> Void
    private(set) var files = LFSFileSet()
    /// Why each goes by LFS.
    private(set) var reasons: [Path: String] = [:]
    var scanCache: ScanCache
    /// The patterns that were added, by the `.gitattributes` that got them.
    private(set) var lines: [Path: [String]] = [:]
    private var attributes = LFSAttributes()
    /// Pointers of the source that the Hub might not know as such: they are written as they should be.
    private var nonCanonicalPointers: Set<Path> = []

    init(
        in store: Store, allowlist: CredentialAllowlist, knowing scanCache: ScanCache,
        fetchBlobs: @escaping @Sendable ([ObjectID]) async throws(DeployError) -> Void
    ) {
        (self.store, self.allowlist, self.scanCache, self.fetchBlobs) = (
            store, allowlist, scanCache, fetchBlobs
        )
    }

    mutating func stage(_ draft: inout TreeBuilder, over old: TreeBuilder) async throws(DeployError) {
        let search = try await LFSCandidateFinder(draft, beside: old, in: store)
        guard !search.candidates.isEmpty else { return }
        let isShared =
            search.rules[.root] == old.attributes || search.candidates.contains(where: \.isOnSpace)
        let theirs = try await read(search.rules, over: isShared ? old.attributes : nil)
        let open = search.candidates.filter { [attributes] candidate in
            !candidate.isOnSpace || attributes.usesLFS(candidate.path) || theirs.usesLFS(candidate.path)
        }
        var placed: [Path: ObjectID] = [:]
        for (candidate, pointer, origin) in try await pointers(of: open) {
            let blob = try await store.write(blob: pointer.bytes)
            let stays = origin == .object && !nonCanonicalPointers.contains(candidate.path)
            if !stays { placed[candidate.path] = blob }
            files.add(LFSFile(candidate.path, pointer, origin), as: stays ? candidate.entry.id : blob)
        }
        try await draft.replace(placed, in: store)
        try await track(files.paths, in: &draft)
    }

    /// Reads the rules of the draft, and gives those of the Space's top.
    private mutating func read(_ rules: [Path: ObjectID], over old: ObjectID?) async throws(DeployError)
        -> LFSAttributes
    {
        // Our own may be the Space's, which is not at hand before it is brought.
        if let old { try await fetchBlobs([old]) }
        for (directory, blob) in rules.sorted(by: { $0.key < $1.key }) {
            attributes.add(try await store.content(of: blob), in: directory)
        }
        var theirs = LFSAttributes()
        if let old { theirs.add(try await store.content(of: old), in: .root) }
        return theirs
    }

    private typealias PointerMatch = (Candidate, LFSPointer, LFSFile.Content)

    /// Of those that go by LFS.
    private mutating func pointers(of candidates: [Candidate]) async throws(DeployError) -> [PointerMatch] {
        let known = await store.cachedPointers(of: candidates.map(\.entry.id))
        var (found, unread): ([PointerMatch], [Candidate]) = ([], [])
        for candidate in candidates {
            guard let memory = known[candidate.entry.id], memory.isBinary || isLFS(candidate.path) else {
                if !isKnownRegular(candidate) { unread.append(candidate) }
                continue
            }
            let size = memory.pointer.size
            recordReason(
                candidate,
                reason: memory.isBinary ? (size > HubPushRules.maxBlobSize ? .large : .binary) : .attribute,
                size)
            found.append((candidate, memory.pointer, .blob(candidate.entry.id)))
        }
        var rest = unread[...]
        while !rest.isEmpty {
            let blobs = try await store.readBlobs(
                of: rest.map(\.entry.id)[...], maxSize: HubPushRules.maxBlobSize, budget: BlobContent.budget)
            for (blob, candidate) in zip(blobs, rest) {
                if let pointed = try await classify(at: blob, candidate) { found.append(pointed) }
            }
            rest = rest.dropFirst(max(blobs.count, 1))
        }
        return found
    }

    /// It was read in this run, for a composition before this one, and goes as it is.
    private func isKnownRegular(_ candidate: Candidate) -> Bool {
        guard let seen = scanCache[candidate.entry, candidate.path] else { return false }
        return seen.pointer == nil && reason(seen.file, at: candidate.path) == nil
    }

    private func isLFS(_ path: Path) -> Bool { attributes.usesLFS(path) }

    private mutating func classify(at blob: BlobContent, _ candidate: Candidate) async throws(DeployError)
        -> PointerMatch?
    {
        let (path, entry) = (candidate.path, candidate.entry)
        let isPardoned = allowlist.contains(path)
        let seen = FileScan(blob, entry.kind, at: path, isAllowed: isPardoned)
        if let pointer = seen.pointer {
            reasons[path] = "by LFS, \(pointer.size.asSize)"
            if let bytes = blob.bytes, !pointer.isEncoded(as: bytes) { nonCanonicalPointers.insert(path) }
            return (candidate, pointer, .object)
        }
        guard let why = reason(seen.file, at: path) else {
            scanCache.insert(seen, as: entry, at: path)
            return nil
        }
        recordReason(candidate, reason: why, blob.size)
        files.credentials += seen.credentials
        let (isBinary, isClean) = (why != .attribute, !isPardoned && seen.credentials.isEmpty)
        let pointer =
            isClean
            ? try await store.pointer(to: entry.id, blob.bytes, isBinary: isBinary)
            : try await store.uncachedPointer(to: entry.id, blob.bytes, isBinary: isBinary)
        return (candidate, pointer, .blob(entry.id))
    }

    private enum Reason: String { case binary, large = "over 10 MiB", attribute = "filter=lfs" }

    /// Why a file goes by LFS; nil for one that does not. An empty one never does.
    private func reason(_ file: FileListing.File, at path: Path) -> Reason? {
        guard let size = file.size, size > 0 else { return nil }
        if size > HubPushRules.maxBlobSize { return .large }
        if file.content == .binary { return .binary }
        return isLFS(path) ? .attribute : nil
    }

    private mutating func recordReason(_ candidate: Candidate, reason: Reason, _ size: Int) {
        reasons[candidate.path] = "by LFS (\(reason.rawValue)), \(size.asSize)"
    }

    /// Sees to it that the `.gitattributes` of the draft send these files by LFS.
    private mutating func track(_ paths: some Sequence<Path>, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        let bare = paths.filter { !attributes.usesLFS($0) }
        guard !bare.isEmpty else { return }
        let endings = try await draft.lfsOnlyExtensions(shared: bare, in: store) { [files, attributes] path in
            files.paths.contains(path) || attributes.usesLFS(path)
        }
        // Where a file deeper down says otherwise, a line at the top would not help.
        for (directory, paths) in Dictionary(grouping: bare, by: attributes.directory(deciding:)) {
            let below = paths.map { $0.removingPrefix(directory) }
            let patterns = GitattributesWriter.patterns(for: below, sharing: directory.isRoot ? endings : [])
            try await append(patterns, toAttributesOf: directory, in: &draft)
        }
    }

    private mutating func append(
        _ patterns: [String], toAttributesOf directory: Path, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        let place = directory.appending(".gitattributes")
        let before = try await draft.node(at: place, in: store)?.blob
        let bytes = if let before { try await store.content(of: before) } else { [] as [UInt8] }
        let written = GitattributesWriter.appended(patterns, to: bytes)
        try await draft.set(.entry(.file, try await store.write(blob: written)), at: place, in: store)
        attributes.add(written, in: directory)
        lines[place, default: []] += patterns
    }

    /// Once the Space's own files are in the draft, too: what goes by LFS there has to go on doing so, and a
    /// `.gitattributes` that was kept or merged may lack lines that were written.
    mutating func trackAgain(
        _ draft: inout TreeBuilder, keeping preserved: Set<Path>, over old: TreeBuilder
    ) async throws(DeployError) {
        guard !preserved.isEmpty, let rules = old.attributes else { return }
        try await fetchBlobs([rules])
        var theirs = LFSAttributes()
        theirs.add(try await store.content(of: rules), in: .root)
        let own = if let blob = draft.attributes { try await store.content(of: blob) } else { [] as [UInt8] }
        attributes.add(own, in: .root)
        var paths = files.paths
        for path in preserved {
            for inner in try await draft.files(at: path, in: store) where theirs.usesLFS(inner) {
                paths.insert(inner)
            }
        }
        try await track(paths, in: &draft)
    }
}
