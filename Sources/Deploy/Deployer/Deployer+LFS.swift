import DeploySettings
import SpacesModel
import TextTools

/// Git LFS: large files are uploaded to the Hub's storage before the commit that points to them is
/// pushed.
extension Deployer {
    func uploadMissingLFSObjects(_ prepared: PreparedDeploy) async throws(DeployError) {
        let files = prepared.composition.lfsFiles
        guard !files.isEmpty else { return }
        let size = files.reduce(0) { $0.addingClamped($1.pointer.size) }
        let count = files.count == 1 ? "1 file" : "\(files.count) files"
        emit(.step("Uploading \(count) by LFS (\(size.asSize))"))
        try await lfsTransfer.upload(files, of: prepared.snapshot) { emit(Event($0)) }
    }

    /// Returns findings for LFS pointers of the source whose content is available nowhere: the Hub
    /// would refuse them.
    func missingLFSObjects(_ composition: ComposedTree, of snapshot: SourceSnapshot) async throws(DeployError)
        -> [Finding]
    {
        try await lfsTransfer.missingObjects(among: composition.lfsFiles, of: snapshot).map {
            $0.finding(isComposed: !target.pushesHistory)
        }
    }
}

extension MissingLFSObject {
    /// Returns the finding for a missing LFS object.
    /// - Parameter isComposed: whether the tree is composed, so that settings can exclude the file.
    func finding(isComposed: Bool) -> Finding {
        let fix =
            "git lfs fetch --all where this is deployed from, or git lfs push --all from a clone that has it"
        return Finding(
            .error, file.path, .lfsPointer, "is an LFS pointer whose file is not to be had: \(why)",
            fix: isComposed ? "\(fix); or leave it out: exclude = \(file.path.pattern)" : fix)
    }
}
