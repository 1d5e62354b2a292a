/// Carries the content of large files from where the source has it to the Space's storage (Git LFS).
package protocol LFSTransferring: Sendable {
    /// Those of these files whose content neither the Space has nor the source can give. Nothing is sent.
    func missingObjects(among files: [LFSFile], of snapshot: SourceSnapshot) async throws(DeployError)
        -> [MissingLFSObject]
    /// Sends what the Space lacks, and says each file that it has then.
    /// - Throws: with all that went wrong; what arrived stays, and is not sent again by the next run.
    func upload(_ files: [LFSFile], of snapshot: SourceSnapshot, _ report: @escaping ReportTransfer)
        async throws(DeployError)
    /// Writes what pointers stand for in their place below a directory, where the pointers stand; from the source, else
    /// from the Space.
    /// - Returns: those that nobody has.
    func checkOut(_ files: [LFSFile], of snapshot: SourceSnapshot, in folder: String)
        async throws(DeployError)
        -> [MissingLFSObject]
    /// What a pointer stands for, from the Space, else from the source; nil when nobody has it.
    func content(of file: LFSFile, of snapshot: SourceSnapshot) async throws(DeployError) -> [UInt8]?
}

/// What a transfer of files in Git LFS reports.
package enum TransferEvent: Sendable {
    case detail(String)
    case uploading(TransferProgress)
    case uploaded(path: Path, size: Int, sha256: String)
}

/// Receives the events of a transfer. Called from any task.
package typealias ReportTransfer = @Sendable (TransferEvent) -> Void

/// How far an upload is.
package struct TransferProgress: Hashable, Sendable {
    package var files: Int
    package var filesDone: Int
    /// Bytes.
    package var size: Int
    package var sent: Int

    package init(files: Int, filesDone: Int, size: Int, sent: Int) {
        (self.files, self.filesDone, self.size, self.sent) = (files, filesDone, size, sent)
    }
}
