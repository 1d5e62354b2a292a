internal import CGit2

extension Repository {
    /// The remote that `git-lfs` fetches from: that of the branch at HEAD, else
    /// `remote.lfsdefault`, else the only remote, else `origin`.
    var lfsRemote: String {
        let names = remotes
        let branch = (try? resolve(nil))?.branch
        if let branch, let branchRemote = setting("branch.\(branch).remote"), names.contains(branchRemote) {
            return branchRemote
        }
        return setting("remote.lfsdefault") ?? (names.count == 1 ? names[0] : "origin")
    }

    /// The names of the configured remotes.
    var remotes: [String] {
        var list = git_strarray()
        guard git_remote_list(&list, handle.raw) == 0 else { return [] }
        defer { git_strarray_dispose(&list) }
        return (0..<list.count).compactMap { list.strings[$0].map { String(cString: $0) } }
    }

    /// Returns a remote's URL after `url.*.insteadOf`; `nil` if there is no such remote.
    func address(ofRemote name: String) -> String? {
        let raw = handle.raw
        let remote = try? Handle<RemoteKind>("git_remote_lookup") { git_remote_lookup(&$0, raw, name) }
        guard let remote else { return nil }
        return git_remote_url(remote.raw).map { String(cString: $0) }
    }
}
