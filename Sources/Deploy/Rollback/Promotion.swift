import DeploySettings
import DockerSyntax
import FrontMatter
import GitPatterns
import SpacesModel

extension Promotion {
    /// The source commit of the promoted deploy; `nil` if the deploy does not record it.
    var source: ObjectID? { trailers["Source-Commit"].flatMap { ObjectID($0) } }

    /// The trailers of the promoted commit; empty unless a deploy made it, because its tree then does
    /// not come from a source.
    private var trailers: Trailers { commit.isDeploy ? Trailers(of: commit.message) : Trailers() }

    /// Adds the trailers that record the promoted commit and its source.
    /// - Parameter trace: how much is recorded (setting `trace`).
    func write(to deployTrailers: inout Trailers, _ trace: String) {
        guard trace != "none" else { return }
        let copiedKeys =
            trace == "full" ? ["source-repository", "source-branch", "source-commit", "source-dirty"] : []
        for field in trailers.fields where copiedKeys.contains(field.key.lowercased()) {
            deployTrailers.add(field.key, field.value)
        }
        if trace != "full", let source { deployTrailers.add("Source-Commit", source.description) }
        if let image = trailers[ImageReference.trailer] { deployTrailers.add(ImageReference.trailer, image) }
        if trace == "full" { deployTrailers.add("Promoted-From", "\(from)@\(commit.id)") }
    }
}

/// A Space that is the source of another Space.
package struct PromotedSource: SourceRepository {
    private let base: any SourceRepository
    private let from: SpaceID

    package init(_ base: any SourceRepository, _ from: SpaceID) { (self.base, self.from) = (base, from) }

    package func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot {
        var snapshot = try await base.snapshot(of: revision)
        snapshot.promotion = Promotion(from: from, commit: snapshot.commit)
        (snapshot.repository, snapshot.branch, snapshot.isFromSpace) = (from.description, nil, true)
        return snapshot
    }

    package func forget() async { await base.forget() }
    package func contains(commit: ObjectID) async -> Bool { await base.contains(commit: commit) }
    package func fetchHistory(of commit: ObjectID) async throws(DeployError) {
        try await base.fetchHistory(of: commit)
    }
    package func workTreeFiles(at path: Path) async throws(DeployError) -> [WorkTreeFile] {
        try await base.workTreeFiles(at: path)
    }
    package func content(of file: WorkTreeFile) async throws(DeployError) -> [UInt8] {
        try await base.content(of: file)
    }
}
