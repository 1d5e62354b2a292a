internal import CGit2
import SpacesModel

/// References and configuration of the repository, for hooks.
extension LocalSource {
    /// Returns the commit that a reference (`refs/heads/main`) points to; `nil` if it does not
    /// exist.
    package func tip(of reference: String) -> ObjectID? {
        var id = git_oid()
        guard git_reference_name_to_id(&id, repository.handle.raw, reference) == 0 else { return nil }
        return withUnsafePointer(to: id) { ObjectID($0) }
    }

    /// Returns whether a commit is a descendant of another one; true if the history cannot be read.
    package func descends(_ commit: ObjectID, from ancestor: ObjectID) -> Bool {
        let missing = try? CommitWalk.commits(from: ancestor, beyond: [commit], in: repository.database)
        return missing?.isEmpty ?? true
    }

    /// Returns the branches with their commits, sorted by name.
    package func branches() -> [(name: String, commit: ObjectID)] {
        Set(repository.names).sorted().compactMap { name in
            tip(of: "refs/heads/\(name)").map { (name, $0) }
        }
    }

    /// Returns the branch that HEAD points to, also if it has no commit; `nil` for a detached HEAD.
    package func headName() -> String? {
        let raw = repository.handle.raw
        guard
            let head = try? Handle<ReferenceKind>(
                "git_reference_lookup", { git_reference_lookup(&$0, raw, "HEAD") }),
            let target = git_reference_symbolic_target(head.raw).map({ String(cString: $0) })
        else { return nil }
        return target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : nil
    }

    /// Returns a value of the repository's effective Git configuration; `nil` if it is unset or
    /// empty.
    package func setting(_ key: String) -> String? {
        repository.setting(key).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Returns whether a Boolean Git setting is true.
    package func isSet(_ key: String) -> Bool {
        ["true", "yes", "on", "1"].contains(repository.setting(key)?.lowercased() ?? "")
    }
}
