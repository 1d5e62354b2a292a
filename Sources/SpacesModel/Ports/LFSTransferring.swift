/// A transfer service for Git LFS objects, from the source to the Space's storage.
package protocol LFSTransferring: Sendable {
    /// Returns the files whose content is neither on the Space nor available from the source. Sends nothing.
    func missingObjects(among files: [LFSFile], of snapshot: SourceSnapshot) async throws(DeployError)
        -> [MissingLFSObject]
    /// Uploads the objects that the Space lacks, and reports each file that is available afterwards.
    /// - Throws: An error with all failures. Uploaded objects remain and are not sent again by the next run.
    func upload(_ files: [LFSFile], of snapshot: SourceSnapshot, _ report: @escaping ReportTransfer)
        async throws(DeployError)
    /// Replaces the pointer files below a directory by their content, from the source, otherwise
    /// from the Space.
    /// - Returns: The files whose content was not found.
    func checkOut(_ files: [LFSFile], of snapshot: SourceSnapshot, in folder: String)
        async throws(DeployError)
        -> [MissingLFSObject]
    /// Returns the content of a file, from the Space, otherwise from the source; `nil` if it was not found.
    func content(of file: LFSFile, of snapshot: SourceSnapshot) async throws(DeployError) -> [UInt8]?
}

/// An event of a Git LFS transfer.
package enum TransferEvent: Sendable {
    case detail(String)
    case uploading(TransferProgress)
    case uploaded(path: Path, size: Int, sha256: String)
}

/// A handler for the events of a transfer. Called from any task.
package typealias ReportTransfer = @Sendable (TransferEvent) -> Void

/// The progress of an upload.
package struct TransferProgress: Hashable, Sendable {
    package var files: Int
    package var filesDone: Int
    /// The total size in bytes.
    package var size: Int
    /// The number of bytes sent.
    package var sent: Int

    package init(files: Int, filesDone: Int, size: Int, sent: Int) {
        (self.files, self.filesDone, self.size, self.sent) = (files, filesDone, size, sent)
    }
}
