import FrontMatter
import SpacesModel

/// The preflight check of a history push: what the Hub would refuse in any commit, and what would not
/// build or start in the newest commit.
struct HistoryPreflight: Sendable {
    let store: any ObjectDatabase
    let allowed: [String]

    /// Returns the findings of all outgoing commits and of the newest tree.
    /// - Parameter space: the Space's current tree; `nil` if there is none.
    func findings(
        of tip: Commit, over space: ObjectID?, in outgoing: OutgoingCommits
    ) async throws(DeployError) -> [Finding] {
        guard tip.tree != space || !outgoing.commits.isEmpty else { return [] }
        let spaceObjects = try await ReachableObjects(of: space, in: store)
        let scan = try await TreeScanner(of: tip.tree, over: spaceObjects, allowing: allowed, in: store)
        let tipFindings = scan.findings.filter { !Self.rulesOfEveryCommit.contains($0.rule) }.map(
            Self.withSourceFix)
        return (tipFindings + (try await card(of: tip)) + outgoing.findings).sortedUnique
    }

    /// Rules that are checked in every commit and reported for the commit that introduced the problem.
    private static var rulesOfEveryCommit: Set<Finding.Rule> {
        [.largeFile, .binaryFile, .lfsPointer, .directoryEntries, .fileName, .credential, .secretValue]
    }

    /// Returns the finding with a fix to make in the source, because settings do not change the tree of
    /// a history push.
    private static func withSourceFix(_ finding: Finding) -> Finding {
        var finding = finding
        switch finding.rule {
        case .card: finding.fix = "fix the front matter in the source"
        case .dockerfileMissing:
            finding.fix = "the Hub reads only /Dockerfile: move it to the root of the source"
        case .appFile: finding.fix = "add it, or set app_file: app.py in the README's card"
        case .lfsAttribute, .fileName, .submodule, .symlink:
            finding.fix = "change it in the source, or deploy snapshots: history = snapshot"
        default: break
        }
        return finding
    }

    /// Returns an error if the card does not name the SDK: the Space would stop with `CONFIG_ERROR`,
    /// and a history push does not write a card.
    private func card(of tip: Commit) async throws(DeployError) -> [Finding] {
        let card = Card.read(try await readme(of: tip.tree) ?? [])
        guard card.syntaxErrors.isEmpty, card.value(of: "sdk") == nil else { return [] }
        let reason =
            card.hasFrontMatter
            ? "the card has no sdk" : "has no card; the Space would stay at CONFIG_ERROR"
        return [
            Finding(
                .error, "README.md", line: card.hasFrontMatter ? 1 : nil, .card, reason,
                fix:
                    "start the source's README.md with ---, sdk: docker (or gradio, static), ---; or set history = snapshot to generate the card"
            )
        ]
    }

    /// Returns the README at the root of a tree; `nil` if there is none or it is not available locally.
    func readme(of tree: ObjectID) async throws(DeployError) -> [UInt8]? {
        guard let readme = try await store.readme(in: tree), await store.contains(readme) else { return nil }
        return try await store.content(of: readme)
    }
}
