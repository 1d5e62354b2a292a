import DeploySettings
import SpacesModel

extension ResolvedSettings {
    /// A target with what the `.spacesync` of its own source says, where that is not the repository this run stands in.
    /// Of the file only this Space's section and the defaults are read: the other Spaces are others' to deploy.
    /// - Parameter name: the file, as it is shown.
    /// - Throws: kind `settings`, with what the file may not say or says wrongly.
    func target(_ space: SpaceID, shapedBy file: [UInt8], named name: String) throws(DeployError) -> Target {
        var layer = try SettingsFile(file, origin: .sourceFile(name), trustLevel: .untrusted).layer
        layer.entries.removeAll { entry in
            guard entry.section == "space", let subsection = entry.subsection else { return false }
            return SpaceID(subsection, of: owner) != space
        }
        var layers = layers
        layers.insert(layer, at: sourceLayerIndex)
        let settings = Settings(layers: layers, named: [space] + named, owner: owner)
        guard settings.errors.isEmpty else { throw .settings(settings.errors) }
        if let refused = settings.rejected.first(where: { $0.space == space }) {
            throw refused.failure(allowedBy: editCommand)
        }
        return settings.targets.first { $0.space == space } ?? Target(space: space)
    }
}
