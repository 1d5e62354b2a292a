import DeploySettings
import Git
import SpacesModel

/// A file in Git's configuration syntax, checked by `ConfigLinter` and parsed by libgit2.
struct SettingsFile: Sendable {
    var layer: ConfigLayer
    var warnings: [SettingError]

    /// - Throws: kind `settings`, with all problems of the file.
    init(_ bytes: [UInt8], origin: SettingOrigin, trustLevel: TrustLevel) throws(DeployError) {
        let linter = ConfigLinter(bytes, origin: origin)
        guard linter.errors.isEmpty else { throw .settings(linter.errors) }
        let entries = try readConfiguration(text: bytes, named: origin.description)
        layer = ConfigLayer(origin, trustLevel, linter.locate(entries))
        warnings = linter.warnings
    }

    /// Reads a settings file of the operator; `nil` if there is none.
    init?(at path: String, shown name: String? = nil) throws(DeployError) {
        guard let bytes = readFile(path, limit: ConfigLinter.limit) else { return nil }
        try self.init(bytes, origin: .file(name ?? path), trustLevel: .trusted)
    }
}
