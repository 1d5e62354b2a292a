extension Snapshot {
    /// Which commit is deployed, and what is not.
    func tell(_ say: Say) {
        let named = branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
        say(.detail("\(repository): \(named)\(commit.id.short) \(commit.shownSubject)"))
        guard uncommitted > 0 else { return }
        let changes = uncommitted == 1 ? "1 change" : "\(uncommitted) changes"
        say(.warning("\(changes) in the work tree not committed, so not deployed"))
    }

    /// A push from the wrong folder replaces another app: said where the last deploy came from a repository of another
    /// name. Where it lies may change: only last names are compared.
    func tell(movedFrom last: Commit?, to space: SpaceID, _ say: Say) {
        guard let before = last.flatMap({ Trailers(of: $0.message)["Source-Repository"] }),
            Self.name(before) != Self.name(repository)
        else { return }
        say(.warning("\(space) was last deployed from \(before), and this is \(repository)"))
    }

    private static func name(_ repository: String) -> String {
        let last = repository.lowercased().split { "/:".contains($0) }.last.map { String($0) } ?? ""
        return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
    }
}
