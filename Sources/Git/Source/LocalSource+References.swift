internal import CGit2
import SpacesModel

/// What a hook asks of its repository.
extension LocalSource {
    /// What a reference (`refs/heads/main`) points at now; nil when it is gone.
    package func tip(of reference: String) -> ObjectID? {
        var id = git_oid()
        guard git_reference_name_to_id(&id, repository.handle.raw, reference) == 0 else { return nil }
        return withUnsafePointer(to: id) { ObjectID($0) }
    }

    /// Whether a commit leads to another one; true if that cannot be told.
    package func descends(_ commit: ObjectID, from ancestor: ObjectID) -> Bool {
        let lost = try? CommitWalk.commits(from: ancestor, beyond: [commit], in: repository.database)
        return lost?.isEmpty ?? true
    }

    /// Its branches, by name, with their commits.
    package func branches() -> [(name: String, commit: ObjectID)] {
        Set(repository.names).sorted().compactMap { name in
            tip(of: "refs/heads/\(name)").map { (name, $0) }
        }
    }

    /// The branch that HEAD names, whether it is there or not.
    package func headName() -> String? {
        let raw = repository.handle.raw
        guard
            let head = try? Handle<ReferenceKind>(
                "git_reference_lookup", { git_reference_lookup(&$0, raw, "HEAD") }),
            let target = git_reference_symbolic_target(head.raw).map({ String(cString: $0) })
        else { return nil }
        return target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : nil
    }

    /// A value of Git's configuration as it counts here, of whatever level; an empty one is none.
    package func setting(_ key: String) -> String? {
        repository.setting(key).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether Git is told yes, as Git reads it.
    package func isSet(_ key: String) -> Bool {
        ["true", "yes", "on", "1"].contains(repository.setting(key)?.lowercased() ?? "")
    }
}
