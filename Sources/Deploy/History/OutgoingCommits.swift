import SpacesModel

/// The source's commits that a push sends, with their new trees and blobs, each once.
struct OutgoingCommits<Store: ObjectDatabase>: Sendable {
    private let store: Store
    private let rules: HistoryRules
    /// The commits to send, oldest first.
    let commits: [Commit]
    /// The trees and blobs of the pack.
    private(set) var objects: [PackObject] = []
    /// Findings on content that the Hub would refuse in any of the commits, and on credentials that the
    /// commits would publish.
    private(set) var findings: [Finding] = []
    /// The LFS files that the pointers in any of the commits refer to.
    private(set) var lfsFiles: [LFSFile] = []
    /// Objects that are sent, or that the Space has already.
    private var seen: Set<ObjectID> = []
    /// Files to read, each with the index of the commit that introduced it.
    private var queue: [(path: Path, entry: TreeEntry, commit: Int)] = []

    /// - Parameter bases: commits of the Space; objects reachable from them are not sent.
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

    /// All objects that a push sends.
    var allObjects: [PackObject] { commits.map { PackObject($0.id) } + objects }

    /// Marks the trees and blobs of the boundary commits as known, because the Space has them already.
    private mutating func markKnown(_ bases: [ObjectID]) async throws(DeployError) {
        guard !bases.isEmpty else { return }
        let newCommits = Set(commits.map(\.id))
        let boundary = Set(commits.flatMap(\.parents) + bases).subtracting(newCommits)
        for id in boundary {
            var pendingTrees = [try await store.commit(id).tree]
            while let tree = pendingTrees.popLast() {
                guard seen.insert(tree).inserted else { continue }
                for entry in try await store.entries(of: tree) {
                    if entry.kind == .tree { pendingTrees.append(entry.id) } else { seen.insert(entry.id) }
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
            let entryPath = path.appending(entry.name)
            findings += rules.findings(name: entry, at: entryPath, in: commits[commit])
            if entry.kind == .tree {
                try await walk(entry.id, at: entryPath, of: commit)
            } else if entry.kind.isBlob, seen.insert(entry.id).inserted {
                objects.append(PackObject(entry.id, at: entryPath))
                queue.append((entryPath, entry, commit))
            }
        }
    }

    /// Reads and checks the queued files in batches; of symbolic links only the size.
    private mutating func readQueue() async throws(DeployError) {
        let (store, files) = (store, queue)
        queue = []
        try await store.forEachBlob(files.map(\.entry.id), maxSize: HubPushRules.maxBlobSize) { index, blob in
            let file = files[index]
            let content = file.entry.kind == .symlink ? nil : blob.bytes
            if let pointer = content.flatMap({ LFSPointer($0) }) {
                lfsFiles.append(LFSFile(file.path, pointer, .object))
            }
            findings += rules.findings(
                file: file.path, size: blob.size, content: content, in: commits[file.commit])
        }
    }
}
