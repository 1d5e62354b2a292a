/// Git LFS: the content of large files goes to the Hub's storage before the commit that points to it.
extension Deployment {
    func sendLargeFiles(_ prepared: Prepared) async throws(Failure) {
        let files = prepared.composition.large
        guard !files.isEmpty else { return }
        let size = files.reduce(0) { $0 + $1.pointer.size }
        let count = files.count == 1 ? "1 file" : "\(files.count) files"
        say(.step("Uploading \(count) by LFS (\(size.asSize))"))
        try await carrier.send(files, of: prepared.snapshot, say)
    }

    /// Pointers of the source whose content nobody has: the Hub would refuse them.
    func lostFiles(_ composition: Composition, of snapshot: Snapshot) async throws(Failure) -> [Finding] {
        try await carrier.lost(among: composition.large, of: snapshot).map(\.finding)
    }
}

extension LostFile {
    var finding: Finding {
        Finding(
            .error, file.path, .lfsPointer, "is an LFS pointer whose file is nowhere: \(why)",
            mend:
                "from a clone that has it: git lfs push --all origin; or leave it out: exclude = \(file.path.pattern)"
        )
    }
}
