import SecretScanner
import SpacesModel
import TextTools

/// The source's commits that a push sends, with their new trees and blobs, each once.
struct OutgoingCommits: Sendable {
    private let store: any ObjectDatabase
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
    init(to tip: Commit, beyond bases: [ObjectID], allowing allowed: [String], in store: any ObjectDatabase)
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

/// The rules for every pushed commit: what the Hub refuses in any commit, not only in the newest one
/// (hub-api 2.4), and credentials, which no commit should publish.
struct HistoryRules: Sendable {
    private let allowlist: CredentialAllowlist

    init(allowing allowed: [String]) { allowlist = CredentialAllowlist(allowed) }

    func findings(directory path: Path, of count: Int, in commit: Commit) -> [Finding] {
        guard count > HubPushRules.maxEntries else { return [] }
        return [
            Finding(
                .error, path, .directoryEntries,
                "has \(count) entries in \(commit.shownName), too many files per directory: the Hub accepts at most 10,000",
                fix: "\(Self.removalHint(path)): history = snapshot")
        ]
    }

    /// Finds names that Git, NTFS or HFS+ would misread: the Hub checks the names in every commit, as
    /// `git fsck` does.
    func findings(name entry: TreeEntry, at path: Path, in commit: Commit) -> [Finding] {
        guard var finding = Finding(invalidName: entry.name, entry.kind, at: path) else { return [] }
        finding.reason += " (in \(commit.shownName))"
        finding.fix = "rename it in every commit (git filter-repo), or deploy snapshots: history = snapshot"
        return [finding]
    }

    /// - Parameter content: the content; `nil` for a symbolic link, and for a file that is too large to
    ///   read.
    func findings(file path: Path, size: Int, content: [UInt8]?, in commit: Commit) -> [Finding] {
        let sizeText = size.asSize
        guard size <= HubPushRules.maxBlobSize else {
            return [
                Finding(
                    .error, path, .largeFile,
                    "is \(sizeText) in \(commit.shownName); the Hub refuses files larger than 10 MiB outside of LFS, in any commit",
                    fix: Self.fixHint(path))
            ]
        }
        guard let content else { return [] }
        switch FileListing.Content(of: content) {
        case .binary:
            return [
                Finding(
                    .error, path, .binaryFile,
                    "is binary (\(sizeText)) in \(commit.shownName); the Hub refuses binary files outside of LFS, in any commit",
                    fix: Self.fixHint(path))
            ]
        case .missingPointer: return []
        default: return allowlist.contains(path) ? [] : credentials(path, content, commit)
        }
    }

    private func credentials(_ path: Path, _ content: [UInt8], _ commit: Commit) -> [Finding] {
        CredentialScan.findings(path: path, content: content).map { finding in
            var finding = finding
            finding.reason += " in \(commit.shownName)"
            guard finding.severity == .error else { return finding }
            finding.fix =
                "revoke it, then remove it from the history or deploy snapshots; to allow it: allowCredential = \(path.pattern)"
            return finding
        }
    }

    private static func fixHint(_ path: Path) -> String {
        "\(removalHint(path)), which upload it with LFS: history = snapshot"
    }

    private static func removalHint(_ path: Path) -> String {
        "remove it from the history (git filter-repo --invert-paths --path \(path.shown)), or deploy snapshots"
    }
}

extension Commit {
    /// `commit 1234567 (Its subject)`.
    fileprivate var shownName: String {
        let shortSubject = subject.count > 40 ? subject.prefix(39) + "…" : Substring(subject)
        return "commit \(id.short)" + (shortSubject.isEmpty ? "" : " (\(shortSubject))")
    }
}
