import Essentials

/// The directory of a local Hub: only its owner can enter it, because it contains private Spaces.
enum HubDirectory {
    /// What a local Hub creates in its root.
    private static let reservedNames: Set = ["spaces", "gates", "hooks"]

    /// Creates the directory with mode 0700, and gives an empty one or an earlier Hub's that mode. Any other existing
    /// directory keeps its mode (`--root /srv` must not close /srv); the directories that the Hub creates in it are
    /// closed instead. Returns the path without symbolic links, because Git resolves an alternate object directory.
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

    private static func close(_ directory: URL) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.path)
    }
}
