import DeploySettings
import FrontMatter
import SpacesModel

/// The relation of the Space's branch to the source's history.
struct HistoryRelation: Sendable {
    /// Commits of the source that the Space has; objects reachable from them are not sent again.
    var bases: [ObjectID] = []
    /// Commits that only the Space has and that a push would drop, newest first.
    var spaceOnlyCommits: [Commit] = []
}

/// Deploys with `history = source`: pushes the source's own commits, like `git push`.
extension Deployer {
    func planHistory(
        _ snapshot: SourceSnapshot, _ state: SpaceHead, _ before: SpaceInfo?, _ report: inout DeployResult
    ) async throws(DeployError) -> PreparedDeploy {
        let tip = snapshot.commit
        try await source.fetchHistory(of: tip.id)
        let relation = try await findHistoryRelation(of: state.head, under: tip, isPristine: state.isPristine)
        let outgoing = try await outgoing(to: tip, relation)
        var composition = try await composition(of: tip, over: state.head, outgoing)
        report.savedPlan = SavedPlan(target, snapshot, state, composition)
        try await verifySavedPlan(report.savedPlan, snapshot, state, nil)
        try await attachDiffs(of: &composition, over: state)
        composition.findings += try await missingLFSObjects(composition, of: snapshot)
        composition.findings += try await hubCardFindings(composition, over: state.head?.tree)
        composition.findings.warnings(of: target.space).forEach(emit)
        if options.message != nil {
            emit(.warning("--message is for snapshots: the source's commits keep theirs"))
        }
        composition.plan.configurationChanges = try await configurationChanges(
            of: state, before, isPushing: !composition.plan.isEmpty)
        report.plan = composition.plan
        emit(.planned(composition.plan))
        var prepared = PreparedDeploy(snapshot: snapshot, state: state, composition: composition)
        prepared.history = outgoing.allObjects
        prepared.guardViolations =
            (try await historyViolations(to: relation, tip, state.head))
            + (try await guardViolations(
                composition, nil, state, try await sdkChange(tip, state.isPristine ? nil : state.head),
                snapshot))
        if prepared.guardViolations.isEmpty, !options.isPlan { warnAboutDroppedCommits(relation, state.head) }
        return prepared
    }

    func pushHistory(_ prepared: PreparedDeploy) async throws(DeployError) -> PushReceipt {
        try await space.push(
            history: prepared.history, to: prepared.snapshot.commit.id, as: target.spaceBranch,
            expecting: prepared.state.head?.id)
    }

    /// Returns the SDK of a new Space for these commits.
    /// - Throws: kind `refused` if the Hub would refuse the commits, so that no Space is created in
    ///   vain.
    func sdkFromHistory(_ snapshot: SourceSnapshot) async throws(DeployError) -> String {
        try await source.fetchHistory(of: snapshot.commit.id)
        let outgoing = try await outgoing(to: snapshot.commit, HistoryRelation())
        var composition = try await composition(of: snapshot.commit, over: nil, outgoing)
        composition.findings += try await missingLFSObjects(composition, of: snapshot)
        composition.findings += try await hubCardFindings(composition, over: nil)
        if let failure = DeployError.preflight(composition.findings, target.space) { throw failure }
        return try await sdkChange(snapshot.commit, nil).new ?? "docker"
    }

    func findHistoryRelation(
        of head: Commit?, under tip: Commit, isPristine: Bool
    ) async throws(DeployError) -> HistoryRelation {
        guard let head else { return HistoryRelation() }
        if try await store.ancestor(of: tip.id, among: [head.id]) != nil {
            return HistoryRelation(bases: [head.id])
        }
        if isPristine { return HistoryRelation() }
        let spaceCommits = try await space.commits(of: target.spaceBranch, limit: Self.depth)
        let base = try await store.ancestor(of: tip.id, among: Set(spaceCommits.map(\.id)))
        return HistoryRelation(
            bases: [base].compactMap { $0 }, spaceOnlyCommits: Array(spaceCommits.prefix { $0.id != base }))
    }

    private func outgoing(to tip: Commit, _ relation: HistoryRelation) async throws(DeployError)
        -> OutgoingCommits<Store>
    {
        try await OutgoingCommits(
            to: tip, beyond: relation.bases, allowing: target.allowCredential, in: store)
    }

    private func composition(
        of tip: Commit, over head: Commit?, _ outgoing: OutgoingCommits<Store>
    ) async throws(DeployError) -> ComposedTree {
        let check = HistoryPreflight(store: store, allowed: target.allowCredential)
        let changes = try await TreeDiff(from: head?.tree, to: tip.tree, in: store)
        var plan = Plan(
            changes: changes.files.map { Change(path: $0.path, kind: $0.kind, why: $0.kind.sourceReason) })
        plan.commits = outgoing.commits
        return ComposedTree(
            tree: tip.tree, objects: outgoing.allObjects, plan: plan,
            findings: try await check.findings(of: tip, over: head?.tree, in: outgoing),
            lfsFiles: outgoing.lfsFiles
        )
    }

    private func sdkChange(_ tip: Commit, _ head: Commit?) async throws(DeployError) -> SDKChange {
        let check = HistoryPreflight(store: store, allowed: [])
        let new = try await check.readme(of: tip.tree).flatMap { Card.read($0).value(of: "sdk") }
        guard let head else { return SDKChange(old: nil, new: new) }
        if let readme = try await store.readme(in: head.tree) { try await space.fetchBlobs([readme]) }
        let old = try await check.readme(of: head.tree).flatMap { Card.read($0).value(of: "sdk") }
        return SDKChange(old: old, new: new)
    }

    private func historyViolations(
        to relation: HistoryRelation, _ tip: Commit, _ head: Commit?
    ) async throws(DeployError) -> [GuardViolation] {
        guard !relation.spaceOnlyCommits.isEmpty, !options.overriddenGuards.contains(.history) else {
            return []
        }
        let (count, shown) = (relation.spaceOnlyCommits.count, relation.spaceOnlyCommits.prefix(20))
        let lines = shown.map {
            "\($0.id.short) \($0.shownSubject) (\($0.isDeploy ? "a deploy" : $0.author.name))"
        }
        let number = count < Self.depth ? "\(count)" : "at least \(count)"
        let commits = count == 1 ? "a commit that is" : "\(number) commits that are"
        let them = count == 1 ? "it" : "them"
        let isAhead = relation.bases.contains(tip.id)
        let apply = try await isChangedOnBothSides(relation, tip, head) ? "git apply -3" : "git apply"
        return [
            GuardViolation(
                guardName: .history,
                message:
                    "\(target.space) holds \(commits) not in the history of \(tip.id.short): the push would "
                    + (isAhead ? "go back behind \(them)" : "leave \(them) behind"),
                details: lines + (count > shown.count ? ["… and \(count - shown.count) more"] : []),
                hints: [
                    "to bring what was changed there home: spacesync drift \(target.space) --patch | \(apply)"
                ])
        ]
    }

    /// Whether a file was changed on both sides.
    private func isChangedOnBothSides(
        _ relation: HistoryRelation, _ tip: Commit, _ head: Commit?
    ) async throws(DeployError) -> Bool {
        guard let base = relation.bases.first, let head else { return false }
        let tree = try await store.commit(base).tree
        let spacePaths = try await TreeDiff(from: tree, to: head.tree, in: store).files.map(\.path)
        let sourcePaths = try await TreeDiff(from: tree, to: tip.tree, in: store).files.map(\.path)
        return !Set(spacePaths).isDisjoint(with: sourcePaths)
    }

    /// Warns about commits that a forced push drops, with the id of the old head so that they can be
    /// recovered.
    private func warnAboutDroppedCommits(_ relation: HistoryRelation, _ head: Commit?) {
        guard let head, !relation.spaceOnlyCommits.isEmpty else { return }
        emit(.warning("leaves behind what \(target.space) held; its head was \(head.id)"))
    }
}

extension Change.Kind {
    fileprivate var sourceReason: String {
        switch self {
        case .added: "new in the source"
        case .removed: "not in the source"
        case .updated, .kept: "changed in the source"
        }
    }
}

/// The preflight check of a history push: what the Hub would refuse in any commit, and what would not
/// build or start in the newest commit.
struct HistoryPreflight<Store: ObjectDatabase>: Sendable {
    let store: Store
    let allowed: [String]

    /// Returns the findings of all outgoing commits and of the newest tree.
    /// - Parameter space: the Space's current tree; `nil` if there is none.
    func findings(
        of tip: Commit, over space: ObjectID?, in outgoing: OutgoingCommits<Store>
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
        case .card: finding.fix = "mend the front matter in the source"
        case .dockerfileMissing: finding.fix = "the Hub reads /Dockerfile alone: put it at the source's top"
        case .appFile: finding.fix = "add it, or name the file in the README's card: app_file: app.py"
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
            ? "the card does not name the sdk" : "has no card; the Space would stay at CONFIG_ERROR"
        return [
            Finding(
                .error, "README.md", line: card.hasFrontMatter ? 1 : nil, .card, reason,
                fix:
                    "begin the source's README.md with ---, sdk: docker (or gradio, static), ---; or let a snapshot write it: history = snapshot"
            )
        ]
    }

    /// Returns the README at the root of a tree; `nil` if there is none or it is not available locally.
    func readme(of tree: ObjectID) async throws(DeployError) -> [UInt8]? {
        guard let readme = try await store.readme(in: tree), await store.contains(readme) else { return nil }
        return try await store.content(of: readme)
    }
}
