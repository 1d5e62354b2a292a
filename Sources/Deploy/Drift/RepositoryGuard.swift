import DeploySettings
import SpacesModel
import TextTools

/// The address of a repository, normalised so that different spellings compare equal: scheme, user,
/// default port, `.git`, a trailing slash and the letter case of the host do not count.
package struct RepositoryAddress: Hashable, Sendable {
    private let host: String
    private let path: String

    /// `nil` if the text is a local path or the last component of one, which do not identify a remote
    /// repository.
    package init?(_ text: String) {
        switch SourceAddress(text) {
        case .url(let remote):
            let defaultPort = ["https": 443, "http": 80, "ssh": 22, "git+ssh": 22, "ssh+git": 22][
                remote.scheme]
            let port = remote.origin.port == defaultPort ? "" : ":\(remote.origin.port)"
            (host, path) = (remote.origin.host.lowercased() + port, Self.normalizedPath(remote.tail))
        case .scp(_, let name, let remotePath):
            (host, path) = (name.lowercased(), Self.normalizedPath(remotePath))
        case .file, .invalid: return nil
        case .path:
            // `host:path` without a user is accepted only here, where the text cannot be a local file
            // of that name.
            guard case .scp(_, let name, let remotePath)? = SourceAddress.parseSCP(text), !text.hasPrefix("/")
            else {
                return nil
            }
            (host, path) = (name.lowercased(), Self.normalizedPath(remotePath))
        }
    }

    /// Whether the path ends with these names (`owner/name`), ignoring letter case.
    func ends(with names: String) -> Bool { "/\(path)".lowercased().hasSuffix("/\(names.lowercased())") }

    private static func normalizedPath(_ path: String) -> String {
        var names = path.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").map { String($0) }
        if let last = names.last, last.hasSuffix(".git"), last.count > 4 {
            names[names.count - 1] = String(last.dropLast(4))
        }
        return names.joined(separator: "/")
    }
}

/// The guard `repository`: blocks a push to a Space that was last deployed from another repository,
/// because a push from the wrong directory would replace another app.
struct RepositoryGuard: Sendable {
    let target: Target
    let environment: DeployEnvironment
    let options: DeployOptions
    private var source: (any SourceRepository)? { environment.source }

    /// Returns the violation if the Space was last deployed from another repository; `nil` if it is the
    /// same repository or none is recorded. Warns if the history is too incomplete to compare.
    func violation(_ baseline: DeployBaseline, _ snapshot: SourceSnapshot) async throws(DeployError)
        -> GuardViolation?
    {
        guard snapshot.promotion == nil, !snapshot.isFromSpace, let last = baseline.lastDeploy, last.isDeploy,
            !options.overriddenGuards.contains(.repository)
        else { return nil }
        let trailers = Trailers(of: last.message)
        let (recorded, commit) = (
            trailers["Source-Repository"], trailers["Source-Commit"].flatMap { ObjectID($0) }
        )
        guard recorded != nil || commit != nil else { return nil }
        if let recordedAddress = recorded.flatMap({ RepositoryAddress($0) }),
            recordedAddress == RepositoryAddress(snapshot.repository)
        {
            return nil
        }
        if let commit {
            guard commit != snapshot.commit.id else { return nil }
            if await source?.contains(commit: commit) == true { return nil }
        }
        if try await hasEarlierDeployedCommit(of: recorded) { return nil }
        let presence =
            if let commit { await environment.lookUp(commit: commit) } else { CommitPresence.absent }
        let name = recorded?.redactedURL ?? "another repository"
        switch presence {
        case .present: return nil
        case .unknown:
            let from = commit.map { " (\($0.short))" } ?? ""
            environment.emit(
                .warning(
                    "\(target.space) was last deployed from \(name)\(from); can't check that "
                        + "\(snapshot.repository) is the same repository, because its history is incomplete here"
                ))
            return nil
        case .absent: return makeViolation(last, name, commit, snapshot)
        }
    }

    /// Whether the source has the commit of a deploy among the newest 100 commits of the Space. The
    /// search ends at a deploy recorded from another address: since then the Space belongs to the newer
    /// repository.
    private func hasEarlierDeployedCommit(of recorded: String?) async throws(DeployError) -> Bool {
        let address = recorded.flatMap { RepositoryAddress($0) }
        let commits = try await environment.space.commits(
            of: target.spaceBranch, limit: DeployBaseline.searchDepth)
        for commit in commits where commit.isDeploy {
            let trailers = Trailers(of: commit.message)
            let other = trailers["Source-Repository"].flatMap { RepositoryAddress($0) }
            if let address, let other, other != address { return false }
            guard let id = trailers["Source-Commit"].flatMap({ ObjectID($0) }) else { continue }
            if await source?.contains(commit: id) == true { return true }
        }
        return false
    }

    private func makeViolation(
        _ last: Commit, _ name: String, _ commit: ObjectID?, _ snapshot: SourceSnapshot
    ) -> GuardViolation {
        let trailers = Trailers(of: last.message)
        let deployedBranch =
            trailers["Source-Branch"].map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
        // The subject of a rollback is not the subject of its source commit.
        let subject = trailers.rolledBackTo == nil ? " \(last.shownSubject)" : " (restored by a rollback)"
        var details = [
            "deployed: \(name)" + (commit.map { ", \(deployedBranch)\($0.short)\(subject)" } ?? "")
        ]
        if let actor = trailers["Deployed-By"] {
            details[0] += ", by \(actor.redactedURL.shortened(to: 100))"
        }
        let currentBranch = snapshot.branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
        details.append(
            "this:     \(snapshot.repository), \(currentBranch)\(snapshot.commit.id.short) \(snapshot.commit.shownSubject)"
        )
        return GuardViolation(
            guardName: .repository,
            message:
                "\(target.space) was last deployed from another repository; this deploy would replace it",
            details: details,
            hints: ["nothing was changed; check that the directory and the Space are correct"],
            overrideHint: "to deploy this repository from now on")
    }
}
