import SecretScanner
import SpacesModel
import TextTools

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
                "holds \(count) entries in \(commit.shownName), too many files per directory: the Hub takes 10,000 at most",
                fix: Self.fixHint(path))
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
                    "is \(sizeText) in \(commit.shownName); the Hub refuses files larger than 10 MiB outside of LFS in every commit",
                    fix: Self.fixHint(path))
            ]
        }
        guard let content else { return [] }
        switch FileListing.Content(of: content) {
        case .binary:
            return [
                Finding(
                    .error, path, .binaryFile,
                    "is binary (\(sizeText)) in \(commit.shownName); the Hub refuses binary files outside of LFS in every commit",
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
                "revoke it, and take it out of the history or deploy snapshots; to let it pass: allowCredential = \(path.pattern)"
            return finding
        }
    }

    private static func fixHint(_ path: Path) -> String {
        "take it out of the history (git filter-repo --invert-paths --path \(path.shown)), or deploy snapshots, where it goes by LFS: history = snapshot"
    }
}

extension Commit {
    /// `commit 1234567 (Its subject)`.
    fileprivate var shownName: String {
        let shortSubject = subject.count > 40 ? subject.prefix(39) + "…" : Substring(subject)
        return "commit \(id.short)" + (shortSubject.isEmpty ? "" : " (\(shortSubject))")
    }
}
