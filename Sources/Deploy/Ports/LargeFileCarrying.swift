/// Carries the content of large files from where the source has it to the Space's storage (Git LFS).
package protocol LargeFileCarrying: Sendable {
    /// Those of these files whose content neither the Space has nor the source can give. Nothing is sent.
    func lost(among files: [LargeFile], of snapshot: Snapshot) async throws(Failure) -> [LostFile]
    /// Sends what the Space lacks, and says each file that it has then.
    /// - Throws: with all that went wrong; what arrived stays, and is not sent again by the next run.
    func send(_ files: [LargeFile], of snapshot: Snapshot, _ say: @escaping Say) async throws(Failure)
}
