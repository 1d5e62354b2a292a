import DeploySettings
import GitPatterns
import SpacesModel

/// A resolver from paths of the Space to paths of the source, which applies the rules of the tree
/// composition in reverse.
struct SourcePathResolver: Sendable {
    private let target: Target
    private let selection: Selection
    private let top: TreeBuilder
    private let reader: TreeReader
    private let store: any ObjectDatabase

    init(_ target: Target, in snapshot: SourceSnapshot, store: any ObjectDatabase) async throws(DeployError) {
        (self.target, self.store) = (target, store)
        selection = Selection(target)
        top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
        reader = TreeReader(snapshot.commit.tree, in: store)
    }

    /// Returns the source path of a file of the Space; `nil` if there is none. For the files that the
    /// Hub reads by name, follows symlinks and accepts names in other letter case.
    func origin(of path: Path) async throws(DeployError) -> Path? {
        guard !target.pushesHistory, HubNamedFile.names.contains(path) else {
            return try await unfollowedOrigin(of: path)
        }
        var origin = try await unfollowedOrigin(of: path)
        if origin == nil { origin = try await variant(of: path) }
        guard let sourcePath = origin, try await entry(at: sourcePath)?.kind == .symlink else {
            return origin
        }
        let resolved = try await top.resolveSymlinks(sourcePath, in: store) {
            (blob) async throws(DeployError) in
            try await store.content(of: blob)
        }
        if case .file(let real, _, _) = resolved { return real }
        return sourcePath
    }

    /// Returns every path of the source that a file of the Space may have come from, in this commit or
    /// an earlier one, regardless of `include` and `exclude`.
    func possibleOrigins(of path: Path) async throws(DeployError) -> Set<Path> {
        var origins: Set<Path> = [target.root.appending(inside: path)]
        for mapping in target.maps {
            let intoDirectory = mapping.intoDirectory || mapping.to.isRoot
            let deployedPath = intoDirectory ? mapping.to.appending(mapping.from.name) : mapping.to
            if deployedPath == path { origins.insert(mapping.from) }
            if mapping.to.contains(path), mapping.to != path {
                origins.insert(mapping.from.appending(inside: path.removingPrefix(mapping.to)))
            }
        }
        if path == "Dockerfile", let dockerfile = target.dockerfile { origins.insert(dockerfile) }
        if HubNamedFile.names.contains(path), let origin = try await origin(of: path) {
            origins.insert(origin)
        }
        return origins
    }

    private func variant(of path: Path) async throws(DeployError) -> Path? {
        guard let root = try await reader.node(at: target.root)?.openDirectory(in: store) else { return nil }
        let names = HubNamedFile.variants(of: path, in: root)
        return names.first { selection.selects($0, isDirectory: false) }.map { target.root.appending($0) }
    }

    /// Returns the path of the source's file that is deployed to a path. Does not follow symlinks.
    func unfollowedOrigin(of path: Path) async throws(DeployError) -> Path? {
        guard !target.pushesHistory else { return try await contains(path) ? path : nil }
        if path == "Dockerfile", let dockerfile = target.dockerfile { return dockerfile }
        for mapping in target.maps.reversed() {
            if let candidate = try await sourcePath(of: path, by: mapping), try await contains(candidate) {
                return candidate
            }
        }
        let candidate = target.root.appending(inside: path)
        guard selection.selects(path, isDirectory: false), try await contains(candidate) else { return nil }
        return candidate
    }

    /// Returns the source path from which a new file is deployed to this path; `nil` if there is none.
    func newSourcePath(for path: Path) async throws(DeployError) -> Path? {
        guard !target.pushesHistory else { return path }
        for mapping in target.maps.reversed() where !mapping.to.isRoot {
            if let candidate = try await sourcePath(of: path, by: mapping) { return candidate }
        }
        if selection.selects(path, isDirectory: false) { return target.root.appending(inside: path) }
        for mapping in target.maps.reversed() where mapping.to.isRoot {
            if let candidate = try await sourcePath(of: path, by: mapping) { return candidate }
        }
        return nil
    }

    func entry(at path: Path) async throws(DeployError) -> TreeEntry? {
        guard case .entry(let kind, let id) = try await reader.node(at: path), kind != .tree else {
            return nil
        }
        return TreeEntry(name: path.name, kind: kind, id: id)
    }

    private func contains(_ path: Path) async throws(DeployError) -> Bool { try await entry(at: path) != nil }

    private func sourcePath(of path: Path, by mapping: Mapping) async throws(DeployError) -> Path? {
        guard let node = try await reader.node(at: mapping.from) else { return nil }
        guard node.isDirectory else {
            let intoDirectory = mapping.intoDirectory || mapping.to.isRoot
            let deployedPath = intoDirectory ? mapping.to.appending(mapping.from.name) : mapping.to
            return deployedPath == path ? mapping.from : nil
        }
        guard mapping.to.contains(path), mapping.to != path else { return nil }
        return mapping.from.appending(inside: path.removingPrefix(mapping.to))
    }
}

/// The source's commits since the last deploy. An edit made on the Space counts as applied if one of
/// these commits contains exactly the Space's version, even if the source changed it afterwards: a
/// merge by lines cannot show that.
struct SourceHistory: Sendable {
    let target: Target
    let snapshot: SourceSnapshot
    let lastDeploy: Commit?
    let store: any ObjectDatabase

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
