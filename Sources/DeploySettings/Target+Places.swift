import SpacesModel

extension Target {
    /// Where in the source a path of the composed tree may come from, the likeliest first: what comes from elsewhere
    /// (`add`, a Dockerfile that is written) is not told apart here.
    package func sourcePaths(of path: Path) -> [Path] {
        guard !pushesHistory else { return [path] }
        let named = path == "Dockerfile" ? [dockerfile].compactMap { $0 } : []
        let mapped = maps.reversed().flatMap { mapping -> [Path] in
            guard mapping.to.contains(path) else { return [] }
            let rest = Path(joining: path.names.dropFirst(mapping.to.names.count))
            let inside = rest.isRoot ? mapping.from : Path(joining: mapping.from.names + rest.names)
            return mapping.destination(of: .root) == path ? [mapping.from, inside] : [inside]
        }
        return named + mapped + [Path(joining: root.names + path.names)]
    }
}
