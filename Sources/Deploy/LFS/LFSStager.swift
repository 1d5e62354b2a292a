import GitPatterns
import SpacesModel
import TextTools

/// Replaces files with LFS pointers: binary files, files over the Hub's limit without LFS, and
/// files that the resulting `.gitattributes` track. Adds missing lines to that `.gitattributes`.
struct LFSStager: Sendable {
    private typealias Candidate = LFSCandidateFinder.Candidate

    private let store: any ObjectDatabase
    private let allowlist: CredentialAllowlist
    /// Fetches blobs of the Space into the store.
    private let fetchBlobs: @Sendable ([ObjectID]) async throws(DeployError) -> Void
    private(set) var files = LFSFileSet()
    /// The reason for sending each file by LFS.
    private(set) var reasons: [Path: String] = [:]
    var scanCache: ScanCache
    /// The patterns that were added, by the path of the `.gitattributes`.
    private(set) var lines: [Path: [String]] = [:]
    private var attributes = LFSAttributes()
    /// Pointers of the source in an encoding that the Hub might not recognise; they are rewritten
    /// canonically.
    private var nonCanonicalPointers: Set<Path> = []

    init(
        in store: any ObjectDatabase, allowlist: CredentialAllowlist, knowing scanCache: ScanCache,
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
        let spaceAttributes = try await read(search.rules, over: isShared ? old.attributes : nil)
        let undecided = search.candidates.filter { [attributes] candidate in
            !candidate.isOnSpace || attributes.usesLFS(candidate.path)
                || spaceAttributes.usesLFS(candidate.path)
        }
        var replacements: [Path: ObjectID] = [:]
        for (candidate, pointer, origin) in try await pointers(of: undecided) {
            let blob = try await store.write(blob: pointer.bytes)
            let isUnchanged = origin == .object && !nonCanonicalPointers.contains(candidate.path)
            if !isUnchanged { replacements[candidate.path] = blob }
            files.add(LFSFile(candidate.path, pointer, origin), as: isUnchanged ? candidate.entry.id : blob)
        }
        try await draft.replace(replacements, in: store)
        try await track(files.paths, in: &draft)
    }

    /// Reads the rules of the draft into `attributes`, and returns the rules of the Space's root.
    private mutating func read(_ rules: [Path: ObjectID], over old: ObjectID?) async throws(DeployError)
        -> LFSAttributes
    {
        // The draft's rules may be the Space's blob, which is not in the store before it is
        // fetched.
        if let old { try await fetchBlobs([old]) }
        for (directory, blob) in rules.sorted(by: { $0.key < $1.key }) {
            attributes.add(try await store.content(of: blob), in: directory)
        }
        var spaceAttributes = LFSAttributes()
        if let old { spaceAttributes.add(try await store.content(of: old), in: .root) }
        return spaceAttributes
    }

    private typealias PointerMatch = (Candidate, LFSPointer, LFSFile.Content)

    /// Returns the candidates that are sent by LFS, with their pointers.
    private mutating func pointers(of candidates: [Candidate]) async throws(DeployError) -> [PointerMatch] {
        let cached = await store.cachedPointers(of: candidates.map(\.entry.id))
        var (matches, unread): ([PointerMatch], [Candidate]) = ([], [])
        for candidate in candidates {
            guard let cachedPointer = cached[candidate.entry.id],
                cachedPointer.isBinary || isLFS(candidate.path)
            else {
                if !isKnownRegular(candidate) { unread.append(candidate) }
                continue
            }
            let size = cachedPointer.pointer.size
            recordReason(
                candidate,
                reason: cachedPointer.isBinary
                    ? (size > HubPushRules.maxBlobSize ? .large : .binary) : .attribute,
                size)
            matches.append((candidate, cachedPointer.pointer, .blob(candidate.entry.id)))
        }
        var remaining = unread[...]
        while !remaining.isEmpty {
            let blobs = try await store.readBlobs(
                of: remaining.map(\.entry.id)[...], maxSize: HubPushRules.maxBlobSize,
                budget: BlobContent.budget)
            for (blob, candidate) in zip(blobs, remaining) {
                if let match = try await classify(at: blob, candidate) { matches.append(match) }
            }
            remaining = remaining.dropFirst(max(blobs.count, 1))
        }
        return matches
    }

    /// Whether the file was scanned for an earlier tree of this run and is not sent by LFS.
    private func isKnownRegular(_ candidate: Candidate) -> Bool {
        guard let scan = scanCache[candidate.entry, candidate.path] else { return false }
        return scan.pointer == nil && reason(scan.file, at: candidate.path) == nil
    }

    private func isLFS(_ path: Path) -> Bool { attributes.usesLFS(path) }

    private mutating func classify(at blob: BlobContent, _ candidate: Candidate) async throws(DeployError)
        -> PointerMatch?
    {
        let (path, entry) = (candidate.path, candidate.entry)
        let isAllowed = allowlist.contains(path)
        let scan = FileScan(blob, entry.kind, at: path, isAllowed: isAllowed)
        if let pointer = scan.pointer {
            reasons[path] = "with LFS, \(pointer.size.asSize)"
            if let bytes = blob.bytes, !pointer.isEncoded(as: bytes) { nonCanonicalPointers.insert(path) }
            return (candidate, pointer, .object)
        }
        guard let lfsReason = reason(scan.file, at: path) else {
            scanCache.insert(scan, as: entry, at: path)
            return nil
        }
        recordReason(candidate, reason: lfsReason, blob.size)
        files.credentials += scan.credentials
        let (isBinary, isClean) = (lfsReason != .attribute, !isAllowed && scan.credentials.isEmpty)
        let pointer =
            isClean
            ? try await store.pointer(to: entry.id, blob.bytes, isBinary: isBinary)
            : try await store.uncachedPointer(to: entry.id, blob.bytes, isBinary: isBinary)
        return (candidate, pointer, .blob(entry.id))
    }

    private enum Reason: String { case binary, large = "over 10 MiB", attribute = "filter=lfs" }

    /// Returns why a file is sent by LFS; `nil` if it is not. An empty file never is.
    private func reason(_ file: FileListing.File, at path: Path) -> Reason? {
        guard let size = file.size, size > 0 else { return nil }
        if size > HubPushRules.maxBlobSize { return .large }
        if file.content == .binary { return .binary }
        return isLFS(path) ? .attribute : nil
    }

    private mutating func recordReason(_ candidate: Candidate, reason: Reason, _ size: Int) {
        reasons[candidate.path] = "with LFS (\(reason.rawValue)), \(size.asSize)"
    }

    /// Ensures that the `.gitattributes` of the draft track these files.
    private mutating func track(_ paths: some Sequence<Path>, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        let untracked = paths.filter { !attributes.usesLFS($0) }
        guard !untracked.isEmpty else { return }
        let extensions = try await draft.lfsOnlyExtensions(shared: untracked, in: store) {
            [files, attributes] path in
            files.paths.contains(path) || attributes.usesLFS(path)
        }
        // A rule in a deeper `.gitattributes` would override a line at the root.
        for (directory, paths) in Dictionary(grouping: untracked, by: attributes.directory(deciding:)) {
            let relativePaths = paths.map { $0.removingPrefix(directory) }
            let patterns = GitattributesWriter.patterns(
                for: relativePaths, sharing: directory.isRoot ? extensions : [])
            try await append(patterns, toAttributesOf: directory, in: &draft)
        }
    }

    private mutating func append(
        _ patterns: [String], toAttributesOf directory: Path, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        let path = directory.appending(".gitattributes")
        let blob = try await draft.node(at: path, in: store)?.blob
        let bytes = if let blob { try await store.content(of: blob) } else { [] as [UInt8] }
        let content = GitattributesWriter.appended(patterns, to: bytes)
        try await draft.set(.entry(.file, try await store.write(blob: content)), at: path, in: store)
        attributes.add(content, in: directory)
        lines[path, default: []] += patterns
    }

    /// Tracks files again after the Space's own files were merged into the draft: files sent by LFS
    /// there must stay so, and a `.gitattributes` that was preserved or merged may lack added
    /// lines.
    mutating func trackAgain(
        _ draft: inout TreeBuilder, keeping preserved: Set<Path>, over old: TreeBuilder
    ) async throws(DeployError) {
        guard !preserved.isEmpty, let rules = old.attributes else { return }
        try await fetchBlobs([rules])
        var spaceAttributes = LFSAttributes()
        spaceAttributes.add(try await store.content(of: rules), in: .root)
        let rootRules =
            if let blob = draft.attributes { try await store.content(of: blob) } else { [] as [UInt8] }
        attributes.add(rootRules, in: .root)
        var paths = files.paths
        for path in preserved {
            for file in try await draft.files(at: path, in: store) where spaceAttributes.usesLFS(file) {
                paths.insert(file)
            }
        }
        try await track(paths, in: &draft)
    }
}

/// The files of one composed tree that are sent by LFS.
struct LFSFileSet: Sendable {
    /// By the id of the pointer's blob; if several files have the same content, the first by path.
    private(set) var byPointer: [ObjectID: LFSFile] = [:]
    private(set) var paths: Set<Path> = []
    /// Possible credentials in text files sent by LFS: the checked tree has only their pointers.
    var credentials: [Finding] = []

    mutating func add(_ file: LFSFile, as pointer: ObjectID) {
        paths.insert(file.path)
        if let existing = byPointer[pointer], existing.path < file.path { return }
        byPointer[pointer] = file
    }

    /// Returns the files whose pointers are among these objects, sorted by path.
    func matching(_ objects: [ObjectID]) -> [LFSFile] {
        objects.compactMap { byPointer[$0] }.sorted { $0.path < $1.path }
    }
}
