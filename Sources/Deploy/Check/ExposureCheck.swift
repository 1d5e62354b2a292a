import DeploySettings
import SpacesModel

/// Searches all files of a Space for credentials before its visibility widens. A push searches only
/// new content; findings that were allowed while the Space was private would become public.
package struct ExposureCheck<Store: ObjectDatabase, Space: SpaceRepository>: Sendable {
    private let space: Space
    private let store: Store
    private let allowed: CredentialAllowlist

    /// - Parameter allowed: patterns of files that may contain possible credentials.
    package init(of space: Space, in store: Store, allowing allowed: [String]) {
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
                "\($0.location): \($0.reason); allowCredential lets it become visible"
            }
            if allowed.count > texts.count {
                texts.append("… and \(allowed.count - texts.count) more allowed")
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

extension DeployError {
    /// Returns the error that refuses to widen a Space's visibility; `nil` if nothing was found.
    /// - Parameters:
    /// - space: the Space whose files were searched.
    /// - target: the Space that would show them: the same Space or its copy.
    package static func exposureError(
        _ findings: [Finding], of space: SpaceID, as target: SpaceID, to visibility: String
    ) -> DeployError? {
        guard let first = findings.first else { return nil }
        let consequence =
            visibility == "public"
            ? "its history becomes readable too" : "its app, which can serve them, becomes public"
        let shown = findings.prefix(100).map { "\($0.location): \($0.reason)" }
        let omittedCount = findings.count - shown.count
        let patterns = Set(findings.map(\.path)).sorted().prefix(5).map(\.pattern)
        let commands = patterns.map { "git config --add 'space.\(target).allowCredential' '\($0)'" }
        return DeployError(
            .blocked,
            "\(target) cannot become \(visibility): \(space) contains possible credentials, and \(consequence)",
            details: shown + (omittedCount > 0 ? ["… and \(omittedCount) more"] : []), findings: findings,
            hint: ([
                "nothing was changed. Revoke each real credential: to remove \(first.path.shown) does not remove it "
                    + "from the history",
                "to publish these files all the same (--yes does not):",
            ] + commands).joined(separator: "\n"))
    }
}

extension Deployer {
    /// Searches every file of the Space's head before its visibility widens, not only what this
    /// push adds: older findings were allowed while fewer people could see the Space.
    /// - Throws: `DeployError` of kind `blocked` with the findings.
    func checkExposure(_ prepared: PreparedDeploy) async throws(DeployError) {
        guard let visibility = prepared.configurationChanges.widerVisibility else { return }
        let check = ExposureCheck(of: space, in: store, allowing: target.allowCredential)
        emit(.step("Searching \(target.space) for credentials before it becomes \(visibility)"))
        var findings: [Finding] = []
        if target.spaceBranch != "main" {
            let result = try await check.result(at: "main")
            result.warnings.forEach(emit)
            findings += result.findings
            // The push continues with its own branch.
            _ = try await space.fetchHead(of: target.spaceBranch)
        }
        if let head = prepared.state.head {
            let result = try await check.result(in: head)
            result.warnings.forEach(emit)
            findings += result.findings
        }
        let failure = DeployError.exposureError(
            findings.sortedUnique, of: target.space, as: target.space, to: visibility)
        if let failure { throw failure }
    }
}

extension [ConfigurationChange] {
    /// The new visibility if more people can see the Space than now; otherwise `nil`.
    fileprivate var widerVisibility: String? {
        for change in self where change.costWarning != nil {
            if case .setVisibility(let visibility)? = change.command { return visibility }
        }
        return nil
    }
}
