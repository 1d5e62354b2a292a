import GitPatterns
import SpacesModel

/// Reads of a composed tree what its checks look at: every name, and the content of what is new to the Space. What the
/// Space holds already was let in once, and may not be at hand.
struct TreeSurvey<Store: ObjectStoring>: Sendable {
    private let store: Store
    private let allowed: CredentialPardon
    private let sendsLFS: Bool
    /// Of the Space's present tree.
    private let known: TreeContents
    private var listing = TreeListing()
    private var contents: [Path: [UInt8]] = [:]
    private var credentials: [Finding] = []
    /// Names that Git, NTFS or HFS+ would misread.
    private var invalid: [Finding] = []
    /// Files to be read.
    private var waiting: [(path: Path, entry: TreeEntry)] = []
    private(set) var surveyed: SurveyedFiles

    /// - Parameters:
    ///   - known: what the Space's present tree holds.
    ///   - allowed: paths that may hold what looks like a credential.
    ///   - sendsLFS: whether what pointers stand for is sent, where the Space lacks it.
    ///   - surveyed: what was seen before.
    init(
        of tree: ObjectID, over known: TreeContents, allowing allowed: [String], sendsLFS: Bool = false,
        knowing surveyed: consuming SurveyedFiles = SurveyedFiles(), in store: Store
    ) async throws(Failure) {
        (self.store, self.allowed, self.surveyed) = (store, CredentialPardon(allowed), surveyed)
        (self.known, self.sendsLFS) = (known, sendsLFS)
        try await walk(tree, at: .root)
        try await read()
    }

    /// By path.
    var findings: [Finding] {
        let check = TreeCheck(listing, contents: contents, sendsLFS: sendsLFS)
        return (check.findings() + credentials + invalid).inOrder
    }

    private mutating func walk(_ tree: ObjectID, at path: Path) async throws(Failure) {
        for entry in try await store.entries(of: tree) {
            let place = path.appending(entry.name)
            // Also in directories that were taken over by their id. A name with a slash would look like two here.
            let finding = Finding(invalidName: entry.name, entry.kind, at: place)
            if let finding { invalid.append(finding) }
            if entry.kind == .tree {
                try await walk(entry.id, at: place)
            } else {
                try await look(at: entry, place)
            }
        }
    }

    private mutating func look(at entry: TreeEntry, _ path: Path) async throws(Failure) {
        if entry.kind.isBlob, !known.blobs.contains(entry.id) {
            if let seen = surveyed[entry, path] { return add(seen, at: path) }
            waiting.append((path, entry))
        } else {
            if entry.kind.isBlob, TreeCheck.wants(path) { try await readAgain(entry, path) }
            listing.add(TreeListing.File(entry.kind), at: path)
        }
    }

    private mutating func read() async throws(Failure) {
        let ids = waiting.map(\.entry.id)
        var next = 0
        while next < ids.count {
            let blobs = try await store.first(
                of: ids[next...], largest: HubRules.largestBlob, budget: StoredBlob.budget)
            guard !blobs.isEmpty else { return }
            for (blob, (path, entry)) in zip(blobs, waiting[next...]) {
                let seen = SurveyedFile(blob, entry.kind, at: path, pardon: allowed.covers(path))
                surveyed.insert(seen, as: entry, at: path)
                add(seen, at: path)
            }
            next += blobs.count
        }
        waiting = []
    }

    private mutating func add(_ seen: SurveyedFile, at path: Path) {
        var file = seen.file
        if sendsLFS, file.content == .lostPointer { file.content = .pointer }
        listing.add(file, at: path)
        contents[path] = seen.content
        credentials += seen.credentials
    }

    /// A file that the Space holds and the checks read: as far as it is at hand.
    private mutating func readAgain(_ entry: TreeEntry, _ path: Path) async throws(Failure) {
        guard entry.kind != .symlink, await store.holds(entry.id),
            try await store.size(of: entry.id) <= HubRules.largestBlob
        else { return }
        contents[path] = try await store.content(of: entry.id)
    }
}

extension TreeListing.Content {
    /// Of bytes that would be sent as they are.
    init(of bytes: [UInt8]) {
        if bytes.prefix(8000).contains(0) {
            self = .binary
        } else {
            self = LFSPointer(bytes) == nil ? .plain : .lostPointer
        }
    }
}

/// Paths that their owner lets hold what looks like a credential (`allowCredential`).
struct CredentialPardon: Sendable {
    private let patterns: PatternList

    init(_ patterns: [String]) { self.patterns = PatternList(patterns) }

    /// A list that names nothing pardons nothing, though as an `include` it would mean everything.
    func covers(_ path: Path) -> Bool {
        patterns.patterns.contains { !$0.isNegated } && patterns.includes(path, isDirectory: false)
    }
}
