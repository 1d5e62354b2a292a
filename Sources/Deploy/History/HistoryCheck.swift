import FrontMatter
import SpacesModel

/// What stands against pushing a source's commits as they are: of each commit what the Hub would refuse, of the newest
/// what would not build or start.
struct HistoryCheck<Store: ObjectStoring & HistoryReading>: Sendable {
    let store: Store
    let allowed: [String]

    /// - Parameter space: the Space's present tree; nil for none.
    func findings(
        of tip: Commit, over space: ObjectID?, in outgoing: Outgoing<Store>
    ) async throws(Failure) -> [Finding] {
        guard tip.tree != space || !outgoing.commits.isEmpty else { return [] }
        let known = try await TreeContents(of: space, in: store)
        let survey = try await TreeSurvey(of: tip.tree, over: known, allowing: allowed, in: store)
        let atTip = survey.findings.filter { !Self.ofEveryCommit.contains($0.rule) }.map(Self.mended)
        return (atTip + (try await card(of: tip)) + outgoing.findings).inOrder
    }

    /// Said of the commit that brought it.
    private static var ofEveryCommit: Set<Finding.Rule> {
        [.largeFile, .binaryFile, .lfsPointer, .directoryEntries, .fileName, .credential, .secretValue]
    }

    /// No setting composes anything here: only the source itself can be mended.
    private static func mended(_ finding: Finding) -> Finding {
        var finding = finding
        switch finding.rule {
        case .card: finding.mend = "mend the front matter in the source"
        case .dockerfileMissing: finding.mend = "the Hub reads /Dockerfile alone: put it at the source's top"
        case .appFile: finding.mend = "add it, or name the file in the README's card: app_file: app.py"
        case .lfsAttribute, .fileName, .submodule, .symlink:
            finding.mend = "change it in the source, or deploy snapshots: history = snapshot"
        default: break
        }
        return finding
    }

    /// Without a card that names its kind the Space would be taken down (`CONFIG_ERROR`), and nobody writes one here.
    private func card(of tip: Commit) async throws(Failure) -> [Finding] {
        let card = Card.read(try await readme(of: tip.tree) ?? [])
        guard card.broken.isEmpty, card.value(of: "sdk") == nil else { return [] }
        let reason =
            card.hasFrontMatter
            ? "the card does not name the sdk" : "has no card; the Space would stay at CONFIG_ERROR"
        return [
            Finding(
                .error, "README.md", line: card.hasFrontMatter ? 1 : nil, .card, reason,
                mend:
                    "begin the source's README.md with ---, sdk: docker (or gradio, static), ---; or let a snapshot write it: history = snapshot"
            )
        ]
    }

    /// The README at the top of a tree, as far as it is at hand.
    func readme(of tree: ObjectID) async throws(Failure) -> [UInt8]? {
        guard let readme = try await store.readme(in: tree), await store.holds(readme) else { return nil }
        return try await store.content(of: readme)
    }
}
