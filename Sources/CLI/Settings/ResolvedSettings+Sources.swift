import DeploySettings
import SpacesModel

extension ResolvedSettings {
    /// Returns a target with the settings of its source's own `.spacesync`, for a source other than
    /// the current repository. Only this Space's section and the defaults of the file are read.
    /// - Parameter name: the file as messages show it.
    /// - Throws: kind `settings` if the file sets what it must not, or has errors.
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
        if let rejected = settings.rejected.first(where: { $0.space == space }) {
            throw rejected.failure(allowedBy: editCommand)
        }
        return settings.targets.first { $0.space == space } ?? Target(space: space)
    }
}
