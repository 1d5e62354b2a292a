import DeploySettings
import SpacesModel

/// Searches all files of a Space for credentials before its visibility widens. A push searches only
/// new content; findings that were allowed while the Space was private would become public.
package struct ExposureCheck: Sendable {
    private let space: any SpaceRepository
    private let store: any ObjectDatabase
    private let allowed: CredentialAllowlist

    /// - Parameter allowed: patterns of files that may contain possible credentials.
    package init(of space: any SpaceRepository, in store: any ObjectDatabase, allowing allowed: [String]) {
        (self.space, self.store, self.allowed) = (space, store, CredentialAllowlist(allowed))
    }

    /// The result of a search.
    package struct Result: Sendable {
        package var findings: [Finding] = []
        /// Findings in files that match `allowCredential`: they become more visible, and are always
        /// reported.
        package var allowed: [Finding] = []
        /// The number of LFS files that are too large to search or missing on the Hub.
        package var unscannedCount = 0

        /// Warnings on allowed findings and on files that were not searched.
        package var warnings: [Event] {
            var texts = allowed.sortedUnique.prefix(20).map {
                "\($0.location): \($0.reason); allowed by allowCredential, so it becomes visible"
            }
            if allowed.count > texts.count {
                texts.append("… and \(allowed.count - texts.count) more allowed by allowCredential")
            }
            if unscannedCount > 0 {
                let files =
                    unscannedCount == 1 ? "1 file in Git LFS was" : "\(unscannedCount) files in Git LFS were"
                texts.append("\(files) not searched for credentials: too large, or missing on the Hub")
            }
            return texts.map { .warning($0) }
        }
    }

    /// Fetches and searches the files at a branch's head; returns an empty result if the branch has
    /// no commit.
    package func result(at branch: String) async throws(DeployError) -> Result {
        guard let head = try await space.fetchHead(of: branch).head else { return Result() }
        return try await result(in: head)
    }

    /// Maximum total bytes of LFS files that are fetched for one search.
    private static var largeFileBudget: Int { 512 << 20 }

    /// - Parameter head: the commit of the latest `fetchHead`.
    func result(in head: Commit) async throws(DeployError) -> Result {
        let files = try await files(in: head.tree)
        try await space.fetchBlobs(Array(Set(files.map(\.entry.id))))
        var (result, next, budget) = (Result(), 0, Self.largeFileBudget)
        let ids = files.map(\.entry.id)
        while next < ids.count {
            let blobs = try await store.readBlobs(
                of: ids[next...], maxSize: HubPushRules.maxBlobSize, budget: BlobContent.budget)
            guard !blobs.isEmpty else { break }
            for (blob, (path, entry)) in zip(blobs, files[next...]) {
                var scan = FileScan(blob, entry.kind, at: path, isAllowed: false)
                if let pointer = scan.pointer {
                    guard pointer.size <= min(HubPushRules.maxBlobSize, budget),
                        let bytes = try await space.content(
                            ofLargeFile: path, at: head.id, limit: HubPushRules.maxBlobSize)
                    else {
                        result.unscannedCount += 1
                        continue
                    }
                    budget -= bytes.count
                    let content = BlobContent(size: bytes.count, bytes: bytes)
                    scan = FileScan(content, entry.kind, at: path, isAllowed: false)
                }
                let credentials = scan.credentials.filter(\.isCredential)
                if allowed.contains(path) {
                    result.allowed += credentials
                } else {
                    result.findings += credentials
                }
            }
            next += blobs.count
        }
        result.findings = result.findings.sortedUnique
        return result
    }

    /// Returns the files that may contain a credential; a blob occurs once for each path.
    private func files(in tree: ObjectID) async throws(DeployError) -> [(path: Path, entry: TreeEntry)] {
        var files: [(Path, TreeEntry)] = []
        var queue = [(Path.root, tree)]
        while let (path, tree) = queue.popLast() {
            for entry in try await store.entries(of: tree) {
                let entryPath = path.appending(entry.name)
                if entry.kind == .tree {
                    queue.append((entryPath, entry.id))
                } else if entry.kind.isBlob, entry.kind != .symlink {
                    files.append((entryPath, entry))
                }
            }
        }
        return files
    }
}
