import DeploySettings
import SpacesModel

/// The source's commits since the last deploy. An edit made on the Space counts as applied if one of
/// these commits contains exactly the Space's version, even if the source changed it afterwards: a
/// merge by lines cannot show that.
struct SourceHistory<Store: ObjectDatabase>: Sendable {
    let target: Target
    let snapshot: SourceSnapshot
    let lastDeploy: Commit?
    let store: Store

    /// The number of commits that are searched, newest first.
    private static var depth: Int { 100 }

    /// Whether the source had this version of a file since the last deploy.
    /// - Parameter file: the Space's version; `nil` if the Space does not have the file.
    func hadVersion(_ file: BlobVersion?, at path: Path) async throws(DeployError) -> Bool {
        let pointer = try await pointer(file)
        for commit in await commits.suffix(Self.depth).reversed() {
            let version = try await self.file(at: path, in: commit)
            if version == file { return true }
            guard let pointer, let version, version.isRegular else { continue }
            if try await store.uncachedPointer(to: version.id, nil, isBinary: false) == pointer {
                return true
            }
        }
        return false
    }

    /// Returns the file of the source that is deployed to a path of the Space; `nil` if there is none.
    private func file(at path: Path, in commit: Commit) async throws(DeployError) -> BlobVersion? {
        var earlier = snapshot
        earlier.commit = commit
        let resolver = try await SourcePathResolver(target, in: earlier, store: store)
        guard let origin = try await resolver.origin(of: path),
            let entry = try await resolver.entry(at: origin)
        else { return nil }
        return BlobVersion(kind: entry.kind, id: entry.id)
    }

    /// Returns the source's READMEs, now and at the last deploy, as far as they are available.
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

    /// Returns the READMEs of the commits since the last deploy, newest first, without duplicates.
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

    /// The source commit of the last deploy; `nil` if the deploy does not record it.
    private var since: ObjectID? {
        lastDeploy.flatMap { Trailers(of: $0.message)["Source-Commit"] }.flatMap { ObjectID($0) }
    }

    /// Returns the LFS pointer that the Space's file contains, because the source may have the file
    /// itself; `nil` if the file is not a pointer.
    private func pointer(_ file: BlobVersion?) async throws(DeployError) -> LFSPointer? {
        guard let file, file.isRegular, await store.contains(file.id) else { return nil }
        return LFSPointer(try await store.content(of: file.id))
    }

    /// The source's commits since the last deploy; empty if the history is not available (a URL, a
    /// shallow clone) or does not contain the commit of the last deploy.
    private var commits: [Commit] {
        get async {
            guard let since else { return [] }
            do throws(DeployError) {
                return try await store.commits(from: snapshot.commit.id, beyond: [since])
            } catch { return [] }
        }
    }
}

/// A README of the source, before a card is composed into it.
struct SourceReadme: Hashable, Sendable {
    var file: BlobVersion
    var bytes: [UInt8]
}

/// The source's READMEs, now and at the last deploy; each is `nil` if it does not exist or is not
/// available.
struct SourceReadmes: Hashable, Sendable {
    var now: SourceReadme?
    var lastDeploy: SourceReadme?
}
