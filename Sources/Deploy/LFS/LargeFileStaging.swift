import GitPatterns
import SpacesModel
import TextTools

/// Puts pointers in the place of files that go by LFS: what is binary, what is larger than the Hub takes outside of it,
/// and what the resulting `.gitattributes` send there. Lines that are missing in that file are written.
struct LargeFileStaging<Store: ObjectStoring>: Sendable {
    private typealias Candidate = LargeFileSearch<Store>.Candidate

    private let store: Store
    private let pardon: CredentialPardon
    /// Brings blobs of the Space into the store.
    private let bring: @Sendable ([ObjectID]) async throws(Failure) -> Void
    private(set) var files = LargeFiles()
    /// Why each goes by LFS.
    private(set) var reasons: [Path: String] = [:]
    var surveyed: SurveyedFiles
    /// The patterns that were added, by the `.gitattributes` that got them.
    private(set) var lines: [Path: [String]] = [:]
    private var attributes = LFSAttributes()
    /// Pointers of the source that the Hub might not know as such: they are written as they should be.
    private var odd: Set<Path> = []

    init(
        in store: Store, pardon: CredentialPardon, knowing surveyed: SurveyedFiles,
        bring: @escaping @Sendable ([ObjectID]) async throws(Failure) -> Void
    ) {
        (self.store, self.pardon, self.surveyed, self.bring) = (store, pardon, surveyed, bring)
    }

    mutating func stage(_ draft: inout TreeDraft, over old: TreeDraft) async throws(Failure) {
        let search = try await LargeFileSearch(draft, beside: old, in: store)
        guard !search.candidates.isEmpty else { return }
        let isShared =
            search.rules[.root] == old.attributes || search.candidates.contains(where: \.isOnSpace)
        let theirs = try await read(search.rules, over: isShared ? old.attributes : nil)
        let open = search.candidates.filter { [attributes] candidate in
            !candidate.isOnSpace || attributes.sendsByLFS(candidate.path) || theirs.sendsByLFS(candidate.path)
        }
        var placed: [Path: ObjectID] = [:]
        for (candidate, pointer, origin) in try await pointers(of: open) {
            let blob = try await store.write(blob: pointer.bytes)
            let stays = origin == .object && !odd.contains(candidate.path)
            if !stays { placed[candidate.path] = blob }
            files.add(LargeFile(candidate.path, pointer, origin), as: stays ? candidate.entry.id : blob)
        }
        try await draft.replace(placed, in: store)
        try await cover(files.paths, in: &draft)
    }

    /// Reads the rules of the draft, and gives those of the Space's top.
    private mutating func read(_ rules: [Path: ObjectID], over old: ObjectID?) async throws(Failure)
        -> LFSAttributes
    {
        // Our own may be the Space's, which is not at hand before it is brought.
        if let old { try await bring([old]) }
        for (directory, blob) in rules.sorted(by: { $0.key < $1.key }) {
            attributes.add(try await store.content(of: blob), in: directory)
        }
        var theirs = LFSAttributes()
        if let old { theirs.add(try await store.content(of: old), in: .root) }
        return theirs
    }

    private typealias Pointed = (Candidate, LFSPointer, LargeFile.Content)

    /// Of those that go by LFS.
    private mutating func pointers(of candidates: [Candidate]) async throws(Failure) -> [Pointed] {
        let known = await store.rememberedPointers(of: candidates.map(\.entry.id))
        var (found, unread): ([Pointed], [Candidate]) = ([], [])
        for candidate in candidates {
            guard let memory = known[candidate.entry.id], memory.isBinary || goes(candidate.path) else {
                if !isKnownToStay(candidate) { unread.append(candidate) }
                continue
            }
            let size = memory.pointer.size
            note(
                candidate,
                why: memory.isBinary ? (size > HubRules.largestBlob ? .large : .binary) : .attribute, size)
            found.append((candidate, memory.pointer, .blob(candidate.entry.id)))
        }
        var rest = unread[...]
        while !rest.isEmpty {
            let blobs = try await store.first(
                of: rest.map(\.entry.id)[...], largest: HubRules.largestBlob, budget: StoredBlob.budget)
            for (blob, candidate) in zip(blobs, rest) {
                if let pointed = try await look(at: blob, candidate) { found.append(pointed) }
            }
            rest = rest.dropFirst(max(blobs.count, 1))
        }
        return found
    }

    /// It was read in this run, for a composition before this one, and goes as it is.
    private func isKnownToStay(_ candidate: Candidate) -> Bool {
        guard let seen = surveyed[candidate.entry, candidate.path] else { return false }
        return seen.pointer == nil && why(seen.file, at: candidate.path) == nil
    }

    private func goes(_ path: Path) -> Bool { attributes.sendsByLFS(path) }

    private mutating func look(at blob: StoredBlob, _ candidate: Candidate) async throws(Failure) -> Pointed?
    {
        let (path, entry) = (candidate.path, candidate.entry)
        let isPardoned = pardon.covers(path)
        let seen = SurveyedFile(blob, entry.kind, at: path, pardon: isPardoned)
        if let pointer = seen.pointer {
            reasons[path] = "by LFS, \(pointer.size.asSize)"
            if let bytes = blob.bytes, !pointer.isWritten(as: bytes) { odd.insert(path) }
            return (candidate, pointer, .object)
        }
        guard let why = why(seen.file, at: path) else {
            surveyed.insert(seen, as: entry, at: path)
            return nil
        }
        note(candidate, why: why, blob.size)
        files.credentials += seen.credentials
        let (isBinary, isClean) = (why != .attribute, !isPardoned && seen.credentials.isEmpty)
        let pointer =
            isClean
            ? try await store.pointer(to: entry.id, blob.bytes, isBinary: isBinary)
            : try await store.passingPointer(to: entry.id, blob.bytes, isBinary: isBinary)
        return (candidate, pointer, .blob(entry.id))
    }

    private enum Why: String { case binary, large = "over 10 MiB", attribute = "filter=lfs" }

    /// Why a file goes by LFS; nil for one that does not. An empty one never does.
    private func why(_ file: TreeListing.File, at path: Path) -> Why? {
        guard let size = file.size, size > 0 else { return nil }
        if size > HubRules.largestBlob { return .large }
        if file.content == .binary { return .binary }
        return goes(path) ? .attribute : nil
    }

    private mutating func note(_ candidate: Candidate, why: Why, _ size: Int) {
        reasons[candidate.path] = "by LFS (\(why.rawValue)), \(size.asSize)"
    }

    /// Sees to it that the `.gitattributes` of the draft send these files by LFS.
    private mutating func cover(_ paths: some Sequence<Path>, in draft: inout TreeDraft) async throws(Failure)
    {
        let bare = paths.filter { !attributes.sendsByLFS($0) }
        guard !bare.isEmpty else { return }
        let endings = try await draft.endings(shared: bare, in: store) { [files, attributes] path in
            files.paths.contains(path) || attributes.sendsByLFS(path)
        }
        // Where a file deeper down says otherwise, a line at the top would not help.
        for (directory, paths) in Dictionary(grouping: bare, by: attributes.directory(deciding:)) {
            let below = paths.map { $0.below(directory) }
            let patterns = LFSLines.patterns(for: below, sharing: directory.isRoot ? endings : [])
            try await append(patterns, toAttributesOf: directory, in: &draft)
        }
    }

    private mutating func append(
        _ patterns: [String], toAttributesOf directory: Path, in draft: inout TreeDraft
    ) async throws(Failure) {
        let place = directory.appending(".gitattributes")
        let before = try await draft.node(at: place, in: store)?.blob
        let bytes = if let before { try await store.content(of: before) } else { [] as [UInt8] }
        let written = LFSLines.appended(patterns, to: bytes)
        try await draft.put(.entry(.file, try await store.write(blob: written)), at: place, in: store)
        attributes.add(written, in: directory)
        lines[place, default: []] += patterns
    }

    /// Once the Space's own files are in the draft, too: what goes by LFS there has to go on doing so, and a
    /// `.gitattributes` that was kept or merged may lack lines that were written.
    mutating func coverAgain(
        _ draft: inout TreeDraft, keeping kept: Set<Path>, over old: TreeDraft
    ) async throws(Failure) {
        guard !kept.isEmpty, let rules = old.attributes else { return }
        try await bring([rules])
        var theirs = LFSAttributes()
        theirs.add(try await store.content(of: rules), in: .root)
        let own = if let blob = draft.attributes { try await store.content(of: blob) } else { [] as [UInt8] }
        attributes.add(own, in: .root)
        var paths = files.paths
        for path in kept {
            for inner in try await draft.files(at: path, in: store) where theirs.sendsByLFS(inner) {
                paths.insert(inner)
            }
        }
        try await cover(paths, in: &draft)
    }
}
