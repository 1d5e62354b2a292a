import DeploySettings
import SpacesModel

extension SourceSnapshot {
    /// Returns the snapshot with the untracked files that `add` names, written to the store as a tree
    /// of their own. The composer overlays that tree on the commit's.
    /// - Throws: kind `settings` if there is no file at FROM, or no work tree.
    func adding(
        _ mappings: [Mapping], from source: some SourceRepository, to store: some ObjectDatabase
    ) async throws(DeployError) -> SourceSnapshot {
        var snapshot = self
        for mapping in mappings {
            let files = try await source.workTreeFiles(at: mapping.from)
            guard !files.isEmpty else { throw Self.missingFileError(at: mapping) }
            for file in files {
                let blob = try await store.write(blob: try await source.content(of: file))
                try await snapshot.untrackedFiles.set(.entry(file.kind, blob), at: file.path, in: store)
            }
        }
        return snapshot
    }

    private static func missingFileError(at mapping: Mapping) -> DeployError {
        DeployError(
            .settings, "add = \(mapping): there is no file at \(mapping.from) in the work tree",
            hint: "build it first; the path counts from the repository's top")
    }
}
