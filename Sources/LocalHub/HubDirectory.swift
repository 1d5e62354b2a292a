import Essentials

/// The root directory of a local Hub, accessible only to its owner because it contains private
/// Spaces.
enum HubDirectory {
    /// The directories that a local Hub creates in its root.
    private static let reservedNames: Set = ["spaces", "gates", "hooks"]

    /// Creates the directory with mode 0700, or sets that mode on an empty directory and on the
    /// root of an earlier Hub. Any other existing directory keeps its mode (`--root /srv` must not
    /// close /srv), and only the directories that the Hub creates in it get mode 0700. Returns the
    /// path without symbolic links, because Git resolves an alternate object directory.
    static func prepare(_ root: URL) throws -> URL {
        let manager = FileManager.default
        try manager.createDirectory(
            at: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let resolved = root.resolvingSymlinksInPath().standardizedFileURL
        let names = try manager.contentsOfDirectory(atPath: resolved.path)
        if names.isEmpty || !reservedNames.isDisjoint(with: names) { try close(resolved) }
        for name in reservedNames {
            let directory = resolved.appendingPathComponent(name)
            try manager.createDirectory(at: directory, withIntermediateDirectories: true)
            try close(directory)
        }
        return resolved
    }

    /// Sets mode 0700.
    private static func close(_ directory: URL) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.path)
    }
}
