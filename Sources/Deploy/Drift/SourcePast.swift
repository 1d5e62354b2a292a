/// What the source's own commits held since the last deploy. An edit of the Space's that one of them holds exactly was
/// brought home; what the source made of it afterwards is its own affair, though no merge of lines can show it.
struct SourcePast<Store: ObjectStoring & HistoryReading>: Sendable {
    let target: Target
    let snapshot: Snapshot
    let lastDeploy: Commit?
    let store: Store

    /// So many commits are looked at, the newest first.
    private static var depth: Int { 100 }

    /// - Parameter file: as the Space holds it; nil: it has none.
    func held(_ file: FileMark?, at path: Path) async throws(Failure) -> Bool {
        let pointer = try await pointer(file)
        for commit in await commits.suffix(Self.depth).reversed() {
            var then = snapshot
            then.commit = commit
            let places = try await SourcePlaces(target, in: then, store: store)
            let origin = try await places.origin(of: path)
            var mark: FileMark?
            if let origin, let entry = try await places.entry(at: origin) {
                mark = FileMark(kind: entry.kind, id: entry.id)
            }
            if mark == file { return true }
            guard let pointer, let mark, mark.isRegular else { continue }
            if try await store.passingPointer(to: mark.id, nil, isBinary: false) == pointer { return true }
        }
        return false
    }

    /// What goes by LFS on the Space may stand in the source as it is.
    private func pointer(_ file: FileMark?) async throws(Failure) -> LFSPointer? {
        guard let file, file.isRegular, await store.holds(file.id) else { return nil }
        return LFSPointer(try await store.content(of: file.id))
    }

    /// None where the history is not at hand (a URL, a shallow clone) or has not the commit of the last deploy.
    private var commits: [Commit] {
        get async {
            guard let lastDeploy,
                let since = Trailers(of: lastDeploy.message)["Source-Commit"].flatMap({ ObjectID($0) })
            else { return [] }
            do throws(Failure) {
                return try await store.commits(from: snapshot.commit.id, beyond: [since])
            } catch { return [] }
        }
    }
}
