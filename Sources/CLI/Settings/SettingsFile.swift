import DeploySettings
import Git
import SpacesModel

/// Reads files in Git's configuration syntax: looked over first, then parsed by libgit2.
struct SettingsFile: Sendable {
    var layer: Layer
    var warnings: [Problem]

    /// - Throws: kind `settings`, with all problems of the file.
    init(_ bytes: [UInt8], origin: SettingOrigin, standing: Standing) throws(Failure) {
        let text = ConfigText(bytes, origin: origin)
        guard text.problems.isEmpty else { throw .settings(text.problems) }
        let entries = try readConfiguration(text: bytes, named: origin.description)
        layer = Layer(origin, standing, text.located(entries))
        warnings = text.warnings
    }

    /// A file of the operator's; nil when there is none.
    init?(at path: String, shown name: String? = nil) throws(Failure) {
        guard let bytes = readFile(path, limit: ConfigText.limit) else { return nil }
        try self.init(bytes, origin: .file(name ?? path), standing: .operating)
    }
}
