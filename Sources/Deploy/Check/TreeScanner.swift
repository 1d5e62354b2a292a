import GitPatterns
import SpacesModel

/// Scans a composed tree for the checks: all names, and the content of blobs that are new to the
/// Space. Blobs of the Space's present tree were accepted before, and may not be in the local
/// store.
struct TreeScanner: Sendable {
    private let store: any ObjectDatabase
    private let allowed: CredentialAllowlist
    private let sendsLFS: Bool
    /// The objects of the Space's present tree.
    private let known: ReachableObjects
    private var listing = FileListing()
    private var contents: [Path: [UInt8]] = [:]
    private var credentials: [Finding] = []
    /// Findings on names that Git, NTFS or HFS+ would misread.
    private var invalid: [Finding] = []
    /// Files whose content is still to be read.
    private var queue: [(path: Path, entry: TreeEntry)] = []
    private(set) var scanCache: ScanCache

    /// - Parameters:
    /// - known: the objects of the Space's present tree.
    /// - allowed: patterns of paths that may contain possible credentials.
    /// - sendsLFS: whether LFS objects that the Space lacks are sent.
    /// - scanCache: the scans of earlier checks in this run.
    init(
        of tree: ObjectID, over known: ReachableObjects, allowing allowed: [String], sendsLFS: Bool = false,
        knowing scanCache: consuming ScanCache = ScanCache(), in store: any ObjectDatabase
    ) async throws(DeployError) {
        (self.store, self.allowed, self.scanCache) = (store, CredentialAllowlist(allowed), scanCache)
        (self.known, self.sendsLFS) = (known, sendsLFS)
        try await walk(tree, at: .root)
        try await readQueue()
    }

    /// All findings, sorted by path.
    var findings: [Finding] {
        let check = TreeCheck(listing, contents: contents, sendsLFS: sendsLFS)
        return (check.findings() + credentials + invalid).sortedUnique
    }

    private mutating func walk(_ tree: ObjectID, at path: Path) async throws(DeployError) {
        for entry in try await store.entries(of: tree) {
            let entryPath = path.appending(entry.name)
            // The check covers directories taken over by id, too. A name with a slash would look
            // like two names in `listing`.
            let finding = Finding(invalidName: entry.name, entry.kind, at: entryPath)
            if let finding { invalid.append(finding) }
            if entry.kind == .tree {
                try await walk(entry.id, at: entryPath)
            } else {
                try await visit(at: entry, entryPath)
            }
        }
    }

    private mutating func visit(at entry: TreeEntry, _ path: Path) async throws(DeployError) {
        if entry.kind.isBlob, !known.blobs.contains(entry.id) {
            if let scan = scanCache[entry, path] { return add(scan, at: path) }
            queue.append((path, entry))
        } else {
            if entry.kind.isBlob, TreeCheck.reads(path) { try await readKnown(entry, path) }
            listing.add(FileListing.File(entry.kind), at: path)
        }
    }

    private mutating func readQueue() async throws(DeployError) {
        let (store, files) = (store, queue)
        queue = []
        try await store.forEachBlob(files.map(\.entry.id), maxSize: HubPushRules.maxBlobSize) { index, blob in
            let (path, entry) = files[index]
            let scan = FileScan(blob, entry.kind, at: path, isAllowed: allowed.contains(path))
            scanCache.insert(scan, as: entry, at: path)
            add(scan, at: path)
        }
    }

    private mutating func add(_ scan: FileScan, at path: Path) {
        var file = scan.file
        if sendsLFS, file.content == .missingPointer { file.content = .pointer }
        listing.add(file, at: path)
        contents[path] = scan.content
        credentials += scan.credentials
    }

    /// Reads the content of a file that the Space has and the checks need, if it is in the local
    /// store.
    private mutating func readKnown(_ entry: TreeEntry, _ path: Path) async throws(DeployError) {
        guard entry.kind != .symlink, await store.contains(entry.id),
            try await store.size(of: entry.id) <= HubPushRules.maxBlobSize
        else { return }
        contents[path] = try await store.content(of: entry.id)
    }
}

extension FileListing.Content {
    /// Classifies the content of a file that would be sent without LFS.
    init(of bytes: [UInt8]) {
        if bytes.prefix(8000).contains(0) {
            self = .binary
        } else {
            self = LFSPointer(bytes) == nil ? .plain : .missingPointer
        }
    }
}

/// The paths that may contain possible credentials (setting `allowCredential`).
struct CredentialAllowlist: Sendable {
    private let patterns: PatternList

    init(_ patterns: [String]) { self.patterns = PatternList(patterns) }

    /// Whether the path is allowed. A list with only negated patterns allows nothing.
    func contains(_ path: Path) -> Bool {
        patterns.patterns.contains { !$0.isNegated } && patterns.includes(path, isDirectory: false)
    }
}
