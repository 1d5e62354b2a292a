import SpacesModel

/// The source's own commits as a push sends them, and what is new in them: each tree and blob once.
struct OutgoingCommits<Store: ObjectDatabase>: Sendable {
    private let store: Store
    private let rules: HistoryRules
    /// Oldest first.
    let commits: [Commit]
    /// What the pack holds besides the commits.
    private(set) var objects: [PackObject] = []
    /// What the Hub would refuse of any of the commits, and credentials that they would publish.
    private(set) var findings: [Finding] = []
    /// What pointers of any of the commits stand for.
    private(set) var lfsFiles: [LFSFile] = []
    /// Sent, or on the Space already.
    private var seen: Set<ObjectID> = []
    /// Files to be read, with the index of the commit that brought them.
    private var queue: [(path: Path, entry: TreeEntry, commit: Int)] = []

    /// - Parameter bases: commits of the Space: what they lead to stays unsent.
    init(to tip: Commit, beyond bases: [ObjectID], allowing allowed: [String], in store: Store)
        async throws(DeployError)
    {
        (self.store, rules) = (store, HistoryRules(allowing: allowed))
        commits = try await store.commits(from: tip.id, beyond: bases)
        try await markKnown(bases)
        for index in commits.indices {
            try await store.checkSize(of: commits[index].tree, "commit \(commits[index].id.short)")
            try await walk(commits[index].tree, at: .root, of: index)
        }
        try await readQueue()
    }

    /// Everything that a push sends.
    var allObjects: [PackObject] { commits.map { PackObject($0.id) } + objects }

    /// The trees that the first new commits stand on are on the Space.
    private mutating func markKnown(_ bases: [ObjectID]) async throws(DeployError) {
        guard !bases.isEmpty else { return }
        let new = Set(commits.map(\.id))
        let border = Set(commits.flatMap(\.parents) + bases).subtracting(new)
        for id in border {
            var waiting = [try await store.commit(id).tree]
            while let tree = waiting.popLast() {
                guard seen.insert(tree).inserted else { continue }
                for entry in try await store.entries(of: tree) {
                    if entry.kind == .tree { waiting.append(entry.id) } else { seen.insert(entry.id) }
                }
            }
        }
    }

    private mutating func walk(_ tree: ObjectID, at path: Path, of commit: Int) async throws(DeployError) {
        guard seen.insert(tree).inserted else { return }
        objects.append(PackObject(tree, at: path))
        let entries = try await store.entries(of: tree)
        findings += rules.findings(directory: path, of: entries.count, in: commits[commit])
        for entry in entries {
            let place = path.appending(entry.name)
            findings += rules.findings(name: entry, at: place, in: commits[commit])
            if entry.kind == .tree {
                try await walk(entry.id, at: place, of: commit)
            } else if entry.kind.isBlob, seen.insert(entry.id).inserted {
                objects.append(PackObject(entry.id, at: place))
                queue.append((place, entry, commit))
            }
        }
    }

    /// Reads in batches what is to be looked at; of symbolic links only the size.
    private mutating func readQueue() async throws(DeployError) {
        let ids = queue.map(\.entry.id)
        var next = 0
        while next < ids.count {
            let blobs = try await store.readBlobs(
                of: ids[next...], maxSize: HubPushRules.maxBlobSize, budget: BlobContent.budget)
            guard !blobs.isEmpty else { break }
            for (blob, file) in zip(blobs, queue[next...]) {
                let content = file.entry.kind == .symlink ? nil : blob.bytes
                if let pointer = content.flatMap({ LFSPointer($0) }) {
                    lfsFiles.append(LFSFile(file.path, pointer, .object))
                }
                findings += rules.findings(
                    file: file.path, size: blob.size, content: content, in: commits[file.commit])
            }
            next += blobs.count
        }
        queue = []
    }
}
