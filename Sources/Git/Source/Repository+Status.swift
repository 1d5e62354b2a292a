internal import CGit2

extension Repository {
    /// How many files of the work tree differ from HEAD: changed, staged, or untracked and not ignored. The index is
    /// read, never refreshed on disk. A work tree that libgit2 cannot compare counts as clean: this is a courtesy.
    var uncommitted: Int {
        guard !isBare else { return 0 }
        var options = spacesync_git_status_options()
        options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
        options.flags =
            GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS.rawValue
            | GIT_STATUS_OPT_EXCLUDE_SUBMODULES.rawValue
        let raw = handle.raw
        guard
            let list = try? Handle<StatusListKind>(
                "git_status_list_new", { git_status_list_new(&$0, raw, &options) })
        else { return 0 }
        let index = try? Handle<IndexKind>("git_repository_index") { git_repository_index(&$0, raw) }
        return (0..<git_status_list_entrycount(list.raw)).count { position in
            guard let entry = git_status_byindex(list.raw, position)?.pointee else { return false }
            let isLeftOut = entry.status == GIT_STATUS_WT_DELETED && Self.isLeftOut(entry, in: index?.raw)
            return entry.status != GIT_STATUS_CURRENT && !isLeftOut
        }
    }

    /// Whether a sparse checkout left the file out, which libgit2 takes for a deletion.
    private static func isLeftOut(_ entry: git_status_entry, in index: OpaquePointer?) -> Bool {
        guard let index, let path = entry.index_to_workdir?.pointee.old_file.path,
            let found = git_index_get_bypath(index, path, 0)
        else { return false }
        return UInt32(found.pointee.flags_extended) & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0
    }
}
