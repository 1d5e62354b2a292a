/// Reads of a composed tree what its checks look at: every name, and the content of what is new to the Space. What the
/// Space holds already was let in once, and may not be at hand.
struct TreeSurvey<Store: ObjectStoring>: Sendable {
    private let store: Store
    private let allowed: CredentialPardon
    private var trees: [ObjectID: [TreeEntry]] = [:]
    /// Blobs of the Space's present tree.
    private var known: Set<ObjectID> = []
    private var listing = TreeListing()
    private var contents: [Path: [UInt8]] = [:]
    private var credentials: [Finding] = []

    /// - Parameters:
    ///   - space: the Space's present tree; nil for none.
    ///   - allowed: paths that may hold what looks like a credential.
    init(of tree: ObjectID, over space: ObjectID?, allowing allowed: [String], in store: Store)
        async throws(Failure)
    {
        (self.store, self.allowed) = (store, CredentialPardon(allowed))
        if let space { try await know(space) }
        try await walk(tree, at: .root)
    }

    /// By path.
    var findings: [Finding] {
        (TreeCheck(listing, contents: contents).findings() + credentials).inOrder
    }

    private mutating func know(_ tree: ObjectID) async throws(Failure) {
        var (waiting, seen) = ([tree], Set([tree]))
        while let next = waiting.popLast() {
            for entry in try await entries(of: next) {
                if entry.kind == .tree {
                    if seen.insert(entry.id).inserted { waiting.append(entry.id) }
                } else {
                    known.insert(entry.id)
                }
            }
        }
    }

    private mutating func walk(_ tree: ObjectID, at path: Path) async throws(Failure) {
        for entry in try await entries(of: tree) {
            let place = path.appending(entry.name)
            if entry.kind == .tree {
                try await walk(entry.id, at: place)
            } else {
                listing.add(try await look(at: entry, place), at: place)
            }
        }
    }

    /// The two trees share most of theirs: each is read once.
    private mutating func entries(of tree: ObjectID) async throws(Failure) -> [TreeEntry] {
        if let entries = trees[tree] { return entries }
        let entries = try await store.entries(of: tree)
        trees[tree] = entries
        return entries
    }

    private mutating func look(at entry: TreeEntry, _ path: Path) async throws(Failure) -> TreeListing.File {
        guard entry.kind.isBlob, !known.contains(entry.id) else {
            if entry.kind.isBlob, TreeCheck.wants(path) { try await readAgain(entry, path) }
            return TreeListing.File(entry.kind)
        }
        let size = try await store.size(of: entry.id)
        guard size <= HubRules.largestBlob else { return TreeListing.File(entry.kind, size: size) }
        let bytes = try await store.content(of: entry.id)
        guard entry.kind != .symlink else {
            return TreeListing.File(.symlink, size: size, link: Path(bytes: bytes))
        }
        let content = TreeListing.Content(of: bytes)
        if TreeCheck.wants(path) { contents[path] = bytes }
        if content != .binary, !allowed.covers(path) {
            credentials += CredentialScan.findings(path: path, content: bytes)
        }
        return TreeListing.File(entry.kind, size: size, content)
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
            self = bytes.count < 1024 && bytes.starts(with: Self.pointerStart) ? .lostPointer : .plain
        }
    }

    /// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    private static let pointerStart = Array("version https://git-lfs.github.com/spec/v1\noid sha256:".utf8)
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
