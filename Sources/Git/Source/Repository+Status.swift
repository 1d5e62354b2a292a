internal import CGit2
import SpacesModel

extension Repository {
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
