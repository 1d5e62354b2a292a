import Deploy

extension LoadedSettings {
    /// The Spaces to which the operator's side binds a branch.
    func bound(in layers: [Layer]) -> Set<SpaceID> {
        let bindings = layers.filter { $0.standing == .operating }.flatMap(\.entries).filter(\.isBinding)
        return Set(bindings.compactMap { $0.subsection.flatMap { SpaceID($0) } })
    }
}

extension Layer {
    /// Which branch deploys to a Space is the operator's to say where they said it: else whoever may push any branch
    /// could deploy it to the Space of a protected one.
    mutating func leaveBranches(_ bound: Set<SpaceID>, _ note: (String) -> Void) {
        for entry in entries.filter({ $0.binds(anyOf: bound) }) {
            note(
                "\(origin): branch of \(entry.subsection ?? "") does not count, as the settings here bind one"
            )
        }
        entries.removeAll { $0.binds(anyOf: bound) }
    }
}

extension ConfigEntry {
    fileprivate var isBinding: Bool { section == "space" && key == "branch" && subsection != nil }

    fileprivate func binds(anyOf spaces: Set<SpaceID>) -> Bool {
        isBinding && subsection.flatMap { SpaceID($0) }.map(spaces.contains) == true
    }
}
