import DeploySettings
import Git
import SpacesModel

/// Reads files in Git's configuration syntax: looked over first, then parsed by libgit2.
struct SettingsFile: Sendable {
    var layer: ConfigLayer
    var warnings: [SettingError]

    /// - Throws: kind `settings`, with all problems of the file.
    init(_ bytes: [UInt8], origin: SettingOrigin, trustLevel: TrustLevel) throws(DeployError) {
        let text = ConfigLinter(bytes, origin: origin)
        guard text.errors.isEmpty else { throw .settings(text.errors) }
        let entries = try readConfiguration(text: bytes, named: origin.description)
        layer = ConfigLayer(origin, trustLevel, text.locate(entries))
        warnings = text.warnings
    }

    /// A file of the operator's; nil when there is none.
    init?(at path: String, shown name: String? = nil) throws(DeployError) {
        guard let bytes = readFile(path, limit: ConfigLinter.limit) else { return nil }
        try self.init(bytes, origin: .file(name ?? path), trustLevel: .trusted)
    }
}
