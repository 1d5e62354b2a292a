import DockerSyntax
import SpacesModel

/// Where no source is asked: what goes back to an earlier tree of the Space.
package struct NoSource: SourceReading {
    package init() {}

    package func snapshot(of revision: String?) async throws(Failure) -> Snapshot { throw nothing }
    package func holds(commit: ObjectID) async -> Bool { false }
    package func bringHistory(of commit: ObjectID) async throws(Failure) { throw nothing }
    package func workTreeFiles(at path: Path) async throws(Failure) -> [WorkTreeFile] { throw nothing }
    package func content(of file: WorkTreeFile) async throws(Failure) -> [UInt8] { throw nothing }

    private var nothing: Failure { Failure(.internalFault, "a source was asked for where there is none") }
}

/// Large files of an earlier tree are in the Space's storage already.
package struct NoCarrier: LargeFileCarrying {
    package init() {}

    package func lost(among files: [LargeFile], of snapshot: Snapshot) async throws(Failure) -> [LostFile] {
        []
    }
    package func send(_ files: [LargeFile], of snapshot: Snapshot, _ report: @escaping ReportTransfer)
        async throws(Failure)
    {}
    package func fill(
        _ files: [LargeFile], of snapshot: Snapshot, in folder: String
    ) async throws(Failure) -> [LostFile] { files.map { LostFile($0, why: "no source is asked") } }
    package func content(of file: LargeFile, of snapshot: Snapshot) async throws(Failure) -> [UInt8]? { nil }
}

/// An earlier tree names its image already.
package struct NoImages: ImageResolving {
    package init() {}

    package func resolve(_ reference: ImageReference, known: String?) async throws(Failure) -> ResolvedImage {
        throw Failure(.internalFault, "an image was asked for where nothing is built anew")
    }
}
