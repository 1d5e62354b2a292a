import Essentials
import SpacesModel

extension Repository {
    /// Returns a regular file of a commit's top directory; `nil` if there is none with that name.
    /// - Throws: kind `source` if it is too long or cannot be read.
    func file(_ name: Path, of commit: Commit, limit: Int) throws(DeployError) -> [UInt8]? {
        do throws(GitError) {
            guard let entries = TreeCodec.entries(in: try database.read(commit.tree).bytes),
                let entry = entries.first(where: { $0.name == name && $0.kind.isBlob && $0.kind != .symlink })
            else { return nil }
            guard try database.size(of: entry.id) <= limit else {
                throw GitError(call: "size", code: -1, message: "it is longer than \(limit >> 10) KiB")
            }
            return try database.read(entry.id).bytes
        } catch {
            throw DeployError(
                .source, "\(name) of \(commit.id.short) in the repository at \(path) cannot be read",
                details: [error.message])
        }
    }

    /// Returns the entries of the repository's configuration file, and of `config.worktree` if
    /// `extensions.worktreeConfig` is set.
    func localConfiguration() throws(DeployError) -> [ConfigEntry] {
        let shared = commonDirectory + "config"
        guard FileManager.default.fileExists(atPath: shared) else { return [] }
        let entries = try readConfiguration(at: shared)
        let worktreeExtension = entries.last { $0.section == "extensions" && $0.key == "worktreeconfig" }
        let worktreeConfig = gitDirectory + "config.worktree"
        guard
            ["true", "yes", "on", "1"].contains(
                worktreeExtension.map { ($0.value ?? "true").lowercased() } ?? ""),
            FileManager.default.fileExists(atPath: worktreeConfig)
        else { return entries.filter(\.isRelevant) }
        return (entries + (try readConfiguration(at: worktreeConfig))).filter(\.isRelevant)
    }
}

extension ConfigEntry {
    fileprivate var isRelevant: Bool { ["space", "spacesync", "account", "source"].contains(section) }
}
