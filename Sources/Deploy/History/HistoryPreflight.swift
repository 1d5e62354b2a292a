import FrontMatter
import SpacesModel

/// What stands against pushing a source's commits as they are: of each commit what the Hub would refuse, of the newest
/// what would not build or start.
struct HistoryPreflight<Store: ObjectDatabase>: Sendable {
    let store: Store
    let allowed: [String]

    /// - Parameter space: the Space's present tree; nil for none.
    func findings(
        of tip: Commit, over space: ObjectID?, in outgoing: OutgoingCommits<Store>
    ) async throws(DeployError) -> [Finding] {
        guard tip.tree != space || !outgoing.commits.isEmpty else { return [] }
        let known = try await ReachableObjects(of: space, in: store)
        let survey = try await TreeScanner(of: tip.tree, over: known, allowing: allowed, in: store)
        let atTip = survey.findings.filter { !Self.rulesOfEveryCommit.contains($0.rule) }.map(
            Self.withSourceFix)
        return (atTip + (try await card(of: tip)) + outgoing.findings).sortedUnique
    }

    /// Said of the commit that brought it.
    private static var rulesOfEveryCommit: Set<Finding.Rule> {
        [.largeFile, .binaryFile, .lfsPointer, .directoryEntries, .fileName, .credential, .secretValue]
    }

    /// No setting composes anything here: only the source itself can be mended.
    private static func withSourceFix(_ finding: Finding) -> Finding {
        var finding = finding
        switch finding.rule {
        case .card: finding.fix = "mend the front matter in the source"
        case .dockerfileMissing: finding.fix = "the Hub reads /Dockerfile alone: put it at the source's top"
        case .appFile: finding.fix = "add it, or name the file in the README's card: app_file: app.py"
        case .lfsAttribute, .fileName, .submodule, .symlink:
            finding.fix = "change it in the source, or deploy snapshots: history = snapshot"
        default: break
        }
        return finding
    }

    /// Without a card that names its kind the Space would be taken down (`CONFIG_ERROR`), and nobody writes one here.
    private func card(of tip: Commit) async throws(DeployError) -> [Finding] {
        let card = Card.read(try await readme(of: tip.tree) ?? [])
        guard card.syntaxErrors.isEmpty, card.value(of: "sdk") == nil else { return [] }
        let reason =
            card.hasFrontMatter
            ? "the card does not name the sdk" : "has no card; the Space would stay at CONFIG_ERROR"
        return [
            Finding(
                .error, "README.md", line: card.hasFrontMatter ? 1 : nil, .card, reason,
                fix:
                    "begin the source's README.md with ---, sdk: docker (or gradio, static), ---; or let a snapshot write it: history = snapshot"
            )
        ]
    }

    /// The README at the top of a tree, as far as it is at hand.
    func readme(of tree: ObjectID) async throws(DeployError) -> [UInt8]? {
        guard let readme = try await store.readme(in: tree), await store.contains(readme) else { return nil }
        return try await store.content(of: readme)
    }
}
