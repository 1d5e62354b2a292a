import GitPatterns
import SpacesModel

/// Reads of a composed tree what its checks look at: every name, and the content of what is new to the Space. What the
/// Space holds already was let in once, and may not be at hand.
struct TreeScanner<Store: ObjectDatabase>: Sendable {
    private let store: Store
    private let allowed: CredentialAllowlist
    private let sendsLFS: Bool
    /// Of the Space's present tree.
    private let known: ReachableObjects
    private var listing = FileListing()
    private var contents: [Path: [UInt8]] = [:]
    private var credentials: [Finding] = []
    /// Names that Git, NTFS or HFS+ would misread.
    private var invalid: [Finding] = []
    /// Files to be read.
    private var queue: [(path: Path, entry: TreeEntry)] = []
    private(set) var scanCache: ScanCache

    /// - Parameters:
    ///   - known: what the Space's present tree holds.
    ///   - allowed: paths that may hold what looks like a credential.
    ///   - sendsLFS: whether what pointers stand for is sent, where the Space lacks it.
    ///   - surveyed: what was seen before.
    init(
        of tree: ObjectID, over known: ReachableObjects, allowing allowed: [String], sendsLFS: Bool = false,
        knowing scanCache: consuming ScanCache = ScanCache(), in store: Store
    ) async throws(DeployError) {
        (self.store, self.allowed, self.scanCache) = (store, CredentialAllowlist(allowed), scanCache)
        (self.known, self.sendsLFS) = (known, sendsLFS)
        try await walk(tree, at: .root)
        try await readQueue()
    }

    /// By path.
    var findings: [Finding] {
        let check = TreeCheck(listing, contents: contents, sendsLFS: sendsLFS)
        return (check.findings() + credentials + invalid).sortedUnique
    }

    private mutating func walk(_ tree: ObjectID, at path: Path) async throws(DeployError) {
        for entry in try await store.entries(of: tree) {
            let place = path.appending(entry.name)
            // Also in directories that were taken over by their id. A name with a slash would look like two here.
            let finding = Finding(invalidName: entry.name, entry.kind, at: place)
            if let finding { invalid.append(finding) }
            if entry.kind == .tree {
                try await walk(entry.id, at: place)
            } else {
                try await visit(at: entry, place)
            }
        }
    }

    private mutating func visit(at entry: TreeEntry, _ path: Path) async throws(DeployError) {
        if entry.kind.isBlob, !known.blobs.contains(entry.id) {
            if let seen = scanCache[entry, path] { return add(seen, at: path) }
            queue.append((path, entry))
        } else {
            if entry.kind.isBlob, TreeCheck.reads(path) { try await readKnown(entry, path) }
            listing.add(FileListing.File(entry.kind), at: path)
        }
    }

    private mutating func readQueue() async throws(DeployError) {
        let ids = queue.map(\.entry.id)
        var next = 0
        while next < ids.count {
            let blobs = try await store.readBlobs(
                of: ids[next...], maxSize: HubPushRules.maxBlobSize, budget: BlobContent.budget)
            guard !blobs.isEmpty else { return }
            for (blob, (path, entry)) in zip(blobs, queue[next...]) {
                let seen = FileScan(blob, entry.kind, at: path, isAllowed: allowed.contains(path))
                scanCache.insert(seen, as: entry, at: path)
                add(seen, at: path)
            }
            next += blobs.count
        }
        queue = []
    }

    private mutating func add(_ scan: FileScan, at path: Path) {
        var file = scan.file
        if sendsLFS, file.content == .missingPointer { file.content = .pointer }
        listing.add(file, at: path)
        contents[path] = scan.content
        credentials += scan.credentials
    }

    /// A file that the Space holds and the checks read: as far as it is at hand.
    private mutating func readKnown(_ entry: TreeEntry, _ path: Path) async throws(DeployError) {
        guard entry.kind != .symlink, await store.contains(entry.id),
            try await store.size(of: entry.id) <= HubPushRules.maxBlobSize
        else { return }
        contents[path] = try await store.content(of: entry.id)
    }
}

extension FileListing.Content {
    /// Of bytes that would be sent as they are.
    init(of bytes: [UInt8]) {
        if bytes.prefix(8000).contains(0) {
            self = .binary
        } else {
            self = LFSPointer(bytes) == nil ? .plain : .missingPointer
        }
    }
}

/// Paths that their owner lets hold what looks like a credential (`allowCredential`).
struct CredentialAllowlist: Sendable {
    private let patterns: PatternList

    init(_ patterns: [String]) { self.patterns = PatternList(patterns) }

    /// A list that names nothing pardons nothing, though as an `include` it would mean everything.
    func contains(_ path: Path) -> Bool {
        patterns.patterns.contains { !$0.isNegated } && patterns.includes(path, isDirectory: false)
    }
}
