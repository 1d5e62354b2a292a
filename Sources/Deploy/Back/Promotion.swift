import DeploySettings
import DockerSyntax
import GitPatterns
import SpacesModel

extension Promotion {
    /// The source's commit that it came of, where a deploy tells.
    var source: ObjectID? { trailers["Source-Commit"].flatMap { ObjectID($0) } }

    /// Of a commit that no deploy made, none: its tree is no source's.
    private var trailers: Trailers { commit.isDeploy ? Trailers(of: commit.message) : Trailers() }

    /// - Parameter trace: how much may be told (`trace`).
    func write(to told: inout Trailers, _ trace: String) {
        guard trace != "none" else { return }
        let wanted =
            trace == "full" ? ["source-repository", "source-branch", "source-commit", "source-dirty"] : []
        for field in trailers.fields where wanted.contains(field.key.lowercased()) {
            told.add(field.key, field.value)
        }
        if trace != "full", let source { told.add("Source-Commit", source.description) }
        if let image = trailers[ImageReference.trailer] { told.add(ImageReference.trailer, image) }
        if trace == "full" { told.add("Promoted-From", "\(from)@\(commit.id)") }
    }
}

/// A Space as the source of another.
package struct PromotedSource<Base: SourceReading>: SourceReading {
    private let base: Base
    private let from: SpaceID

    package init(_ base: Base, _ from: SpaceID) { (self.base, self.from) = (base, from) }

    package func snapshot(of revision: String?) async throws(Failure) -> Snapshot {
        var snapshot = try await base.snapshot(of: revision)
        snapshot.promotion = Promotion(from: from, commit: snapshot.commit)
        (snapshot.repository, snapshot.branch, snapshot.isOfSpace) = (from.description, nil, true)
        return snapshot
    }

    package func holds(commit: ObjectID) async -> Bool { await base.holds(commit: commit) }
    package func bringHistory(of commit: ObjectID) async throws(Failure) {
        try await base.bringHistory(of: commit)
    }
    package func workTreeFiles(at path: Path) async throws(Failure) -> [WorkTreeFile] {
        try await base.workTreeFiles(at: path)
    }
    package func content(of file: WorkTreeFile) async throws(Failure) -> [UInt8] {
        try await base.content(of: file)
    }
}

extension Target {
    /// The same Space, as it takes the whole of a tree: nothing selects or shapes what runs elsewhere as it is.
    package func taking(_ commit: ObjectID) -> Target {
        var target = self
        target.revision = commit.description
        (target.root, target.include, target.maps, target.adds) = (.root, [], [], [])
        target.exclude = Selection.leftOut.map { "!" + $0 }
        (target.sdk, target.dockerfile, target.image, target.template) = (nil, nil, nil, nil)
        (target.env, target.command, target.port, target.card, target.cardFile) = ([], nil, nil, [], nil)
        target.history = "snapshot"
        return target
    }
}
