import DeploySettings
import SpacesModel
import TextTools

/// Git LFS: the content of large files goes to the Hub's storage before the commit that points to it.
extension Deployment {
    func sendLargeFiles(_ prepared: Prepared) async throws(Failure) {
        let files = prepared.composition.large
        guard !files.isEmpty else { return }
        let size = files.reduce(0) { $0.addingClamped($1.pointer.size) }
        let count = files.count == 1 ? "1 file" : "\(files.count) files"
        say(.step("Uploading \(count) by LFS (\(size.asSize))"))
        try await carrier.send(files, of: prepared.snapshot) { say(Event($0)) }
    }

    /// Pointers of the source whose content nobody has: the Hub would refuse them.
    func lostFiles(_ composition: Composition, of snapshot: Snapshot) async throws(Failure) -> [Finding] {
        try await carrier.lost(among: composition.large, of: snapshot).map {
            $0.finding(isComposed: !target.sendsHistory)
        }
    }
}

extension LostFile {
    /// - Parameter isComposed: settings can leave it out.
    func finding(isComposed: Bool) -> Finding {
        let way =
            "git lfs fetch --all where this is deployed from, or git lfs push --all from a clone that has it"
        return Finding(
            .error, file.path, .lfsPointer, "is an LFS pointer whose file is not to be had: \(why)",
            mend: isComposed ? "\(way); or leave it out: exclude = \(file.path.pattern)" : way)
    }
}
