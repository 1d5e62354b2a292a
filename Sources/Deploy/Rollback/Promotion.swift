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
package struct PromotedSource<Base: SourceRepository>: SourceRepository {
    private let base: Base
    private let from: SpaceID

    package init(_ base: Base, _ from: SpaceID) { (self.base, self.from) = (base, from) }

    package func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot {
        var snapshot = try await base.snapshot(of: revision)
        snapshot.promotion = Promotion(from: from, commit: snapshot.commit)
        (snapshot.repository, snapshot.branch, snapshot.isFromSpace) = (from.description, nil, true)
        return snapshot
    }

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

extension Target {
    /// Returns the target with settings that deploy the whole tree of a commit unchanged, because that
    /// tree already runs on another Space as it is.
    package func deployingAsIs(_ commit: ObjectID) -> Target {
        var target = self
        target.revision = commit.description
        (target.root, target.include, target.maps, target.adds) = (.root, [], [], [])
        target.exclude = Selection.defaultExcludes.map { "!" + $0 }
        (target.sdk, target.dockerfile, target.image, target.template) = (nil, nil, nil, nil)
        (target.env, target.command, target.port, target.card, target.cardFile) = ([], nil, nil, [], nil)
        target.history = "snapshot"
        return target
    }
}

extension TreeComposer {
    /// Combines the README text of a tree that comes from another Space with this Space's own card. A
    /// new Space has no card of its own, and a Space whose SDK changes cannot keep its card.
    mutating func preserveSpaceCard(_ cards: CardSources, over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        let (sourceCard, spaceCard) = (Card.read(cards.source ?? []), Card.read(cards.space ?? []))
        let (newSDK, oldSDK) = (sourceCard.value(of: "sdk"), spaceCard.value(of: "sdk"))
        let keeps =
            !isPristine && spaceCard.frontMatter != nil && spaceCard.syntaxErrors.isEmpty
            && (newSDK == nil || newSDK == oldSDK)
        recordCardResult(SDKChange(old: oldSDK, new: newSDK ?? oldSDK), keeping: keeps ? spaceCard.keys : [])
        guard keeps, let spaceReadme = cards.space else { return }
        for key in Self.runtimeKeys where sourceCard.value(of: key) != spaceCard.value(of: key) {
            let descriptions = [sourceCard, spaceCard].map {
                $0.value(of: key).map { "\(key): \($0)" } ?? "no \(key)"
            }
            messages.append(
                "its card stays: it says \(descriptions[1]), where \(snapshot.repository) runs with \(descriptions[0])"
            )
        }
        let readme = ReadmeBody(spaceReadme).above + ReadmeBody(cards.source ?? []).text
        guard readme != cards.source else { return }
        let readmeBlob =
            if readme == cards.space, let blob = old["README.md"]?.blob { blob } else {
                try await store.write(blob: readme)
            }
        reasons.record("README.md", "below the Space's own card")
        draft["README.md"] = .entry(.file, readmeBlob)
    }

    /// The card keys that affect how the Hub builds and starts the Space.
    private static var runtimeKeys: [String] {
        ["app_port", "app_file", "sdk_version", "python_version", "app_build_command"]
    }
}
