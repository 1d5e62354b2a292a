import SpacesModel

extension Target {
    /// Returns the source paths from which a path of the composed tree may come, most likely first.
    /// Content from elsewhere (`add`, a generated Dockerfile) is not distinguished.
    package func sourcePaths(of path: Path) -> [Path] {
        guard !pushesHistory else { return [path] }
        let fromDockerfile = path == "Dockerfile" ? [dockerfile].compactMap { $0 } : []
        let fromMaps = maps.reversed().flatMap { mapping -> [Path] in
            guard mapping.to.contains(path) else { return [] }
            let relativePath = Path(joining: path.names.dropFirst(mapping.to.names.count))
            let source =
                relativePath.isRoot
                ? mapping.from : Path(joining: mapping.from.names + relativePath.names)
            return mapping.destination(of: .root) == path ? [mapping.from, source] : [source]
        }
        return fromDockerfile + fromMaps + [Path(joining: root.names + path.names)]
    }
}
