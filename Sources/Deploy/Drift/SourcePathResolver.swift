import DeploySettings
import GitPatterns
import SpacesModel

/// Where in the source a path of the Space comes from: the composition's order, backwards.
struct SourcePathResolver<Store: ObjectDatabase>: Sendable {
    private let target: Target
    private let selection: Selection
    private let top: TreeBuilder
    private let reader: TreeReader<Store>
    private let store: Store

    init(_ target: Target, in snapshot: SourceSnapshot, store: Store) async throws(DeployError) {
        (self.target, self.store) = (target, store)
        selection = Selection(target)
        top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
        reader = TreeReader(snapshot.commit.tree, in: store)
    }

    /// The file behind a path of the Space, where a symlink leads or under other capitals too, for the files that the Hub
    /// reads by name; `nil` if there is none.
    func origin(of path: Path) async throws(DeployError) -> Path? {
        guard !target.pushesHistory, HubNamedFile.names.contains(path) else {
            return try await unfollowedOrigin(of: path)
        }
        var origin = try await unfollowedOrigin(of: path)
        if origin == nil { origin = try await variant(of: path) }
        guard let place = origin, try await entry(at: place)?.kind == .symlink else { return origin }
        let followed = try await top.resolveSymlinks(place, in: store) { (blob) async throws(DeployError) in
            try await store.content(of: blob)
        }
        if case .file(let real, _, _) = followed { return real }
        return place
    }

    /// Every path of the source that a file of the Space may have come from, in this commit or an earlier one, whatever
    /// `include` and `exclude` select.
    func possibleOrigins(of path: Path) async throws(DeployError) -> Set<Path> {
        var places: Set<Path> = [target.root.appending(inside: path)]
        for mapping in target.maps {
            let into = mapping.intoDirectory || mapping.to.isRoot
            let file = into ? mapping.to.appending(mapping.from.name) : mapping.to
            if file == path { places.insert(mapping.from) }
            if mapping.to.contains(path), mapping.to != path {
                places.insert(mapping.from.appending(inside: path.removingPrefix(mapping.to)))
            }
        }
        if path == "Dockerfile", let dockerfile = target.dockerfile { places.insert(dockerfile) }
        if HubNamedFile.names.contains(path), let origin = try await origin(of: path) {
            places.insert(origin)
        }
        return places
    }

    private func variant(of path: Path) async throws(DeployError) -> Path? {
        guard let root = try await reader.node(at: target.root)?.openDirectory(in: store) else { return nil }
        let names = HubNamedFile.variants(of: path, in: root)
        return names.first { selection.selects($0, isDirectory: false) }.map { target.root.appending($0) }
    }

    /// The file of the source that is deployed to a path; a symlink is not followed.
    func unfollowedOrigin(of path: Path) async throws(DeployError) -> Path? {
        guard !target.pushesHistory else { return try await contains(path) ? path : nil }
        if path == "Dockerfile", let dockerfile = target.dockerfile { return dockerfile }
        for mapping in target.maps.reversed() {
            if let place = try await sourcePath(of: path, by: mapping), try await contains(place) {
                return place
            }
        }
        let place = target.root.appending(inside: path)
        guard selection.selects(path, isDirectory: false), try await contains(place) else { return nil }
        return place
    }

    /// Where a new file is to be put so that a deploy brings it to this path; nil when no place does.
    func newSourcePath(for path: Path) async throws(DeployError) -> Path? {
        guard !target.pushesHistory else { return path }
        for mapping in target.maps.reversed() where !mapping.to.isRoot {
            if let place = try await sourcePath(of: path, by: mapping) { return place }
        }
        if selection.selects(path, isDirectory: false) { return target.root.appending(inside: path) }
        for mapping in target.maps.reversed() where mapping.to.isRoot {
            if let place = try await sourcePath(of: path, by: mapping) { return place }
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
            let into = mapping.intoDirectory || mapping.to.isRoot
            let place = into ? mapping.to.appending(mapping.from.name) : mapping.to
            return place == path ? mapping.from : nil
        }
        guard mapping.to.contains(path), mapping.to != path else { return nil }
        return mapping.from.appending(inside: path.removingPrefix(mapping.to))
    }
}
