import DeploySettings
import SpacesModel

/// What the source's own commits held since the last deploy. An edit of the Space's that one of them holds exactly was
/// brought home; what the source made of it afterwards is its own affair, though no merge of lines can show it.
struct SourceHistory<Store: ObjectDatabase>: Sendable {
    let target: Target
    let snapshot: SourceSnapshot
    let lastDeploy: Commit?
    let store: Store

    /// So many commits are looked at, the newest first.
    private static var depth: Int { 100 }

    /// - Parameter file: as the Space holds it; nil: it has none.
    func hadVersion(_ file: BlobVersion?, at path: Path) async throws(DeployError) -> Bool {
        let pointer = try await pointer(file)
        for commit in await commits.suffix(Self.depth).reversed() {
            let mark = try await self.file(at: path, in: commit)
            if mark == file { return true }
            guard let pointer, let mark, mark.isRegular else { continue }
            if try await store.uncachedPointer(to: mark.id, nil, isBinary: false) == pointer { return true }
        }
        return false
    }

    /// The file of the source behind a path of the Space; `nil` if there is none.
    private func file(at path: Path, in commit: Commit) async throws(DeployError) -> BlobVersion? {
        var then = snapshot
        then.commit = commit
        let places = try await SourcePathResolver(target, in: then, store: store)
        guard let origin = try await places.origin(of: path), let entry = try await places.entry(at: origin)
        else { return nil }
        return BlobVersion(kind: entry.kind, id: entry.id)
    }

    /// The source's own READMEs, now and at the last deploy, as far as they are at hand.
    func readmes() async throws(DeployError) -> SourceReadmes {
        guard snapshot.promotion == nil, !snapshot.isFromSpace else { return SourceReadmes() }
        var readmes = SourceReadmes(now: try await readme(in: snapshot.commit))
        guard let since else { return readmes }
        do throws(DeployError) {
            readmes.lastDeploy = try await readme(in: try await store.commit(since))
        } catch {
            guard ![.interrupted, .permissionDenied].contains(error.kind) else { throw error }
        }
        return readmes
    }

    /// The READMEs of the commits since the last deploy, the newest first, each once.
    func readmesSince() async throws(DeployError) -> [SourceReadme] {
        var (seen, readmes): (Set<BlobVersion>, [SourceReadme]) = ([], [])
        for commit in await commits.suffix(Self.depth).reversed() {
            guard let readme = try await readme(in: commit), seen.insert(readme.file).inserted else {
                continue
            }
            readmes.append(readme)
        }
        return readmes
    }

    private func readme(in commit: Commit) async throws(DeployError) -> SourceReadme? {
        guard let file = try await file(at: "README.md", in: commit), file.isRegular,
            await store.contains(file.id)
        else { return nil }
        return SourceReadme(file: file, bytes: try await store.content(of: file.id))
    }

    /// The source's commit that was deployed last.
    private var since: ObjectID? {
        lastDeploy.flatMap { Trailers(of: $0.message)["Source-Commit"] }.flatMap { ObjectID($0) }
    }

    /// What goes by LFS on the Space may stand in the source as it is.
    private func pointer(_ file: BlobVersion?) async throws(DeployError) -> LFSPointer? {
        guard let file, file.isRegular, await store.contains(file.id) else { return nil }
        return LFSPointer(try await store.content(of: file.id))
    }

    /// None where the history is not at hand (a URL, a shallow clone) or has not the commit of the last deploy.
    private var commits: [Commit] {
        get async {
            guard let since else { return [] }
            do throws(DeployError) {
                return try await store.commits(from: snapshot.commit.id, beyond: [since])
            } catch { return [] }
        }
    }
}

/// A README as the source has it, before a card is composed into it.
struct SourceReadme: Hashable, Sendable {
    var file: BlobVersion
    var bytes: [UInt8]
}

/// The source's own READMEs; `nil` where there is none or it is not at hand.
struct SourceReadmes: Hashable, Sendable {
    var now: SourceReadme?
    var lastDeploy: SourceReadme?
}
