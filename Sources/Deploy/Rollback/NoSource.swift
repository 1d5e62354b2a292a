import DockerSyntax
import SpacesModel

/// A source that is never read, for rollbacks to an earlier tree of the Space.
package struct NoSource: SourceRepository {
    package init() {}

    package func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot {
        throw noSourceError
    }
    package func contains(commit: ObjectID) async -> Bool { false }
    package func fetchHistory(of commit: ObjectID) async throws(DeployError) { throw noSourceError }
    package func workTreeFiles(at path: Path) async throws(DeployError) -> [WorkTreeFile] {
        throw noSourceError
    }
    package func content(of file: WorkTreeFile) async throws(DeployError) -> [UInt8] { throw noSourceError }

    private var noSourceError: DeployError {
        DeployError(.internalError, "a source was asked for where there is none")
    }
}

/// An LFS transfer that does nothing, because the LFS files of an earlier tree are in the Space's
/// storage already.
package struct NoCarrier: LFSTransferring {
    package init() {}

    package func missingObjects(among files: [LFSFile], of snapshot: SourceSnapshot) async throws(DeployError)
        -> [MissingLFSObject]
    {
        []
    }
    package func upload(_ files: [LFSFile], of snapshot: SourceSnapshot, _ report: @escaping ReportTransfer)
        async throws(DeployError)
    {}
    package func checkOut(
        _ files: [LFSFile], of snapshot: SourceSnapshot, in folder: String
    ) async throws(DeployError) -> [MissingLFSObject] {
        files.map { MissingLFSObject($0, why: "no source is asked") }
    }
    package func content(of file: LFSFile, of snapshot: SourceSnapshot) async throws(DeployError) -> [UInt8]?
    { nil }
}

/// An image resolver that always throws, because an earlier tree names its image already.
package struct NoImages: ImageResolver {
    package init() {}

    package func resolve(_ reference: ImageReference, known: String?) async throws(DeployError)
        -> ResolvedImage
    {
        throw DeployError(.internalError, "an image was asked for where nothing is built anew")
    }
}
