import DeploySettings
import SpacesModel

extension ResolvedSettings {
    /// Returns the error of a run that selects no Space.
    func noTargetSelected(by command: String) -> DeployError {
        let manual = (targets.filter(\.manual).map(\.space) + refused.filter(\.manual).map(\.space)).sorted()
        guard let first = manual.first else {
            return DeployError(
                .usage, "no Space is named, and no settings name one",
                hint:
                    "spacesync \(command) owner/name --branch BRANCH, or write a [space \"owner/name\"] section"
            )
        }
        let names = manual.map(\.description).joined(separator: ", ")
        return DeployError(
            .usage, "no Space is named, and \(names) \(manual.count == 1 ? "is" : "are") manual",
            hint: "name what is meant: spacesync \(command) \(first)")
    }

    /// - Throws: kind `usage` if the name is not valid for a Space.
    func space(_ name: String, owner: String?) throws(DeployError) -> SpaceID {
        if !name.contains("/"), SpaceID.isValid(name) {
            if let owner, let space = SpaceID(owner: owner, name: name) { return space }
            let candidates = spaces(called: name)
            if candidates.count == 1 { return candidates[0] }
            let options =
                candidates.isEmpty ? "owner/\(name)" : candidates.map(\.description).joined(separator: " or ")
            throw DeployError(
                .usage, "whose Space is \(name)?", hint: "write \(options), or set HUGGINGFACE_USERNAME")
        }
        guard let space = SpaceID(name) else {
            throw DeployError(
                .usage, "\(name.isEmpty ? "''" : name) is no Space's name",
                hint: "write owner/name, each " + SpaceID.nameRule)
        }
        return space
    }

    /// The Spaces that have a section in any layer.
    var sections: [SpaceID] {
        let names = layers.flatMap(\.entries).filter { $0.section == "space" }.compactMap(\.subsection)
        return Set(names.compactMap { SpaceID($0, of: owner) }).sorted()
    }

    /// Returns the Spaces of that name in the settings. Untrusted files are not used, because they
    /// could supply the owner.
    private func spaces(called name: String) -> [SpaceID] {
        let trustedEntries = layers.filter { $0.trustLevel != .untrusted }.flatMap(\.entries)
        let spaces = trustedEntries.filter { $0.section == "space" }.compactMap {
            $0.subsection.flatMap { SpaceID($0) }
        }
        return Set(spaces.filter { $0.name.lowercased() == name.lowercased() }).sorted()
    }
}
