internal import CGit2
import SpacesModel
import TextTools

/// A commit and the short name of the branch or tag that led to it.
struct ResolvedRevision: Hashable, Sendable {
    var commit: Commit
    var branch: String?
    /// A tag or a commit id was named.
    var isFixed = false
}

extension Repository {
    /// What a branch, tag or commit id names: locally first, then at `origin`; HEAD when nil.
    /// - Throws: kind `source`, with the nearest names.
    func resolve(_ revision: String?) throws(DeployError) -> ResolvedRevision {
        guard let revision, revision != "HEAD" else { return try head() }
        for (name, short) in referenceNames(for: revision) {
            guard let id = try target(of: name) else { continue }
            return ResolvedRevision(
                commit: try commit(id), branch: short, isFixed: name.hasPrefix("refs/tags/"))
        }
        if let id = try identified(by: revision) {
            return ResolvedRevision(commit: try commit(id), branch: nil, isFixed: true)
        }
        if let id = try target(of: "refs/remotes/origin/\(revision)") {
            return ResolvedRevision(commit: try commit(id), branch: revision)
        }
        throw missing(revision)
    }

    /// Full reference names to try, each with the name that people use for it.
    private func referenceNames(for revision: String) -> [(String, String)] {
        if revision.hasPrefix("refs/") {
            return [(revision, revision.split(separator: "/").dropFirst(2).joined(separator: "/"))]
        }
        let names = [("refs/heads/\(revision)", revision), ("refs/tags/\(revision)", revision)]
        guard revision.hasPrefix("origin/") else { return names }
        return names + [("refs/remotes/\(revision)", String(revision.dropFirst("origin/".count)))]
    }

    private func head() throws(DeployError) -> ResolvedRevision {
        let (id, branch) = try headTarget()
        return ResolvedRevision(commit: try commit(id), branch: branch)
    }

    private func headTarget() throws(DeployError) -> (ObjectID, String?) {
        do throws(GitError) {
            let raw = handle.raw
            let reference = try Handle<ReferenceKind>("git_repository_head") { git_repository_head(&$0, raw) }
            let name = String(cString: git_reference_name(reference.raw))
            let branch = name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : nil
            return (try peeled(reference), branch)
        } catch {
            throw error.isUnborn || error.isMissing ? unborn() : damaged("HEAD", error)
        }
    }

    /// The commit that a reference leads to; nil when there is no such reference.
    private func target(of name: String) throws(DeployError) -> ObjectID? {
        do throws(GitError) {
            let raw = handle.raw
            return try peeled(
                try Handle("git_reference_lookup") { git_reference_lookup(&$0, raw, name) })
        } catch {
            let isAbsent = error.isMissing && error.call == "git_reference_lookup"
            guard isAbsent || error.code == GIT_EINVALIDSPEC.rawValue else { throw damaged(name, error) }
            return nil
        }
    }

    private func peeled(_ reference: borrowing Handle<ReferenceKind>) throws(GitError) -> ObjectID {
        let raw = reference.raw
        let direct = try Handle<ReferenceKind>("git_reference_resolve") { git_reference_resolve(&$0, raw) }
        guard let id = ObjectID(git_reference_target(direct.raw)) else {
            throw GitError(call: "git_reference_target", code: -1, message: "no name came back")
        }
        return try database.commit(behind: id)
    }

    /// The commit with this id, or the only one whose id begins so; tags are followed.
    private func identified(by digits: String) throws(DeployError) -> ObjectID? {
        guard (4...40).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0.hexDigit != nil }) else {
            return nil
        }
        let padded = digits + String(repeating: "0", count: 40 - digits.utf8.count)
        guard var prefix = ObjectID(padded)?.git else { return nil }
        do throws(GitError) {
            return try database.identified(by: &prefix, length: digits.utf8.count).map {
                (id) throws(GitError) in try database.commit(behind: id)
            }
        } catch {
            guard error.isAmbiguous else { return nil }
            throw DeployError(
                .source, "more than one object of \(path) has an id that begins with \(digits)",
                hint: "give more digits of the commit's id")
        }
    }

    /// - Throws: kind `source`, when the commit cannot be read.
    func commit(_ id: ObjectID) throws(DeployError) -> Commit {
        do throws(GitError) {
            return try database.commit(id)
        } catch { throw damaged("commit \(id)", error) }
    }

    /// The newest commits that each of these leads to, at most `limit` of each; empty if the first one is missing.
    func commits(leadingTo tips: [ObjectID], limit: Int) -> [Commit] {
        guard let first = tips.first, database.contains(first) else { return [] }
        return tips.flatMap { CommitWalk.newest(limit, from: $0, in: database) }
    }

    private func damaged(_ what: String, _ error: GitError) -> DeployError {
        DeployError(
            .source, "\(what) of the repository at \(path) cannot be read", details: [error.message],
            hint: "see what Git says of it: git -C \(path.shellQuoted) fsck")
    }
}
