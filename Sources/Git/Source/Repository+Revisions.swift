internal import CGit2
import SpacesModel
import TextTools

/// A resolved revision: the commit and the short name of the branch or tag.
struct ResolvedRevision: Hashable, Sendable {
    var commit: Commit
    var branch: String?
    /// Whether the revision is a tag or a commit id.
    var isFixed = false
}

extension Repository {
    /// Resolves a branch, tag or commit id; `nil` resolves HEAD. Local references take precedence
    /// over those of `origin`.
    /// - Throws: kind `source`, with similar names.
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

    /// Returns the full reference names to try, each with its short name.
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

    /// Returns the commit that a reference points to; `nil` if there is no such reference.
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
            throw GitError(call: "git_reference_target", code: -1, message: "no id was returned")
        }
        return try database.commit(behind: id)
    }

    /// Returns the commit with this id or unique id prefix. Tags are resolved to their commit.
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
                .source,
                "ambiguous commit id: \(path) has several objects whose id starts with \"\(digits)\"",
                hint: "use more digits of the commit's id")
        }
    }

    /// - Throws: kind `source` if the commit cannot be read.
    func commit(_ id: ObjectID) throws(DeployError) -> Commit {
        do throws(GitError) {
            return try database.commit(id)
        } catch { throw damaged("commit \(id)", error) }
    }

    /// Returns the newest commits reachable from each tip, at most `limit` per tip; empty if the
    /// first tip is missing.
    func commits(leadingTo tips: [ObjectID], limit: Int) -> [Commit] {
        guard let first = tips.first, database.contains(first) else { return [] }
        return tips.flatMap { CommitWalk.newest(limit, from: $0, in: database) }
    }

    private func damaged(_ subject: String, _ error: GitError) -> DeployError {
        DeployError(
            .source, "\(subject) of the repository at \(path) cannot be read", details: [error.message],
            hint: "check the repository: git -C \(path.shellQuoted) fsck")
    }

    /// The number of files in the work tree that differ from HEAD: changed, staged, or untracked
    /// and not ignored. Does not count the top-level `.spacesync`, which is read from the work
    /// tree. The index is read but never refreshed on disk. 0 if libgit2 cannot compare the work
    /// tree, since the number is only informative.
    var uncommitted: Int {
        guard !isBare, headIsWithinLimits else { return 0 }
        // A temporary handle, if it has the same work tree, frees libgit2's index and trees at
        // once: 17 MB for 100,000 files.
        if let temporary = try? Self.opened(gitDirectory),
            git_repository_workdir(temporary.raw).map({ String(cString: $0) }) == workTree
        {
            return uncommitted(in: temporary)
        }
        return uncommitted(in: handle)
    }

    /// Whether HEAD's tree is small enough: libgit2 expands the whole tree.
    private var headIsWithinLimits: Bool {
        guard let tree = try? resolve(nil).commit.tree else { return true }
        var measure = TreeMeasure()
        do throws(GitError) {
            return try measure.exceededLimit(of: tree) { (id) throws(GitError) in
                database.contains(id) ? try database.entries(of: id) : nil
            } == nil
        } catch { return false }
    }

    private func uncommitted(in opened: borrowing Handle<RepositoryKind>) -> Int {
        var options = spacesync_git_status_options()
        options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
        options.flags =
            GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS.rawValue
            | GIT_STATUS_OPT_EXCLUDE_SUBMODULES.rawValue
        let raw = opened.raw
        guard
            let list = try? Handle<StatusListKind>(
                "git_status_list_new", { git_status_list_new(&$0, raw, &options) })
        else { return 0 }
        let entries = (0..<git_status_list_entrycount(list.raw)).compactMap {
            git_status_byindex(list.raw, $0)?.pointee
        }
        func paths(_ status: git_status_t) -> [String] {
            entries.filter { $0.status == status }.compactMap(Self.path).filter { $0 != ".spacesync" }
        }
        let changed = entries.count { $0.status != GIT_STATUS_CURRENT && Self.path(of: $0) != ".spacesync" }
        return changed - countSparse(of: paths(GIT_STATUS_WT_DELETED), in: opened)
            - countSmudged(of: paths(GIT_STATUS_WT_MODIFIED), in: opened)
    }

    private static func path(of entry: git_status_entry) -> String? {
        let side = entry.index_to_workdir ?? entry.head_to_index
        return side?.pointee.old_file.path.map { String(cString: $0) }
    }

    /// Returns how many of these files have the content of their LFS pointer in the index. libgit2
    /// does not run the LFS filter and reports them as modified.
    private func countSmudged(
        of paths: [String], in opened: borrowing Handle<RepositoryKind>
    ) -> Int {
        let raw = opened.raw
        guard !paths.isEmpty, let workTree,
            let index = try? Handle<IndexKind>("git_repository_index", { git_repository_index(&$0, raw) })
        else { return 0 }
        let rawIndex = index.raw
        return paths.count { path in
            guard let entry = git_index_get_bypath(rawIndex, path, 0),
                let blob = withUnsafePointer(to: entry.pointee.id, { ObjectID($0) }),
                let size = try? database.size(of: blob), size < LFSPointer.maxSize,
                let pointer = (try? database.read(blob)).flatMap({ LFSPointer($0.bytes) })
            else { return false }
            return Self.matches(pointer, at: workTree + path)
        }
    }

    /// Returns whether a file matches an LFS pointer. Files above 64 MiB are compared by size only,
    /// to save time.
    private static func matches(_ pointer: LFSPointer, at path: String) -> Bool {
        guard let file = OpenFile(path), file.size == pointer.size else { return false }
        guard pointer.size <= 64 << 20 else { return true }
        return ContentVerifier(pointer.oid).hash(ObjectContent(file, size: pointer.size))
    }

    /// Returns how many of these files a sparse checkout left out. libgit2 reports them as deleted.
    private func countSparse(
        of paths: [String], in opened: borrowing Handle<RepositoryKind>
    ) -> Int {
        let raw = opened.raw
        guard !paths.isEmpty,
            let index = try? Handle<IndexKind>(
                "git_repository_index", { git_repository_index(&$0, raw) })
        else { return 0 }
        let rawIndex = index.raw
        return paths.count { path in
            guard let entry = git_index_get_bypath(rawIndex, path, 0) else { return false }
            return UInt32(entry.pointee.flags_extended) & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0
        }
    }
}
