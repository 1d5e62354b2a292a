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

/// Plans deploys with `history = source`, which push the source's own commits like `git push`.
struct HistoryPlanner: Sendable {
    let target: Target
    let environment: DeployEnvironment
    let options: DeployOptions
    private var objects: any ObjectDatabase { environment.objects }
    private var space: any SpaceRepository { environment.space }

    /// Returns the source's tree with the commits that the Space lacks.
    func plan(_ source: SourceSnapshot, over space: SpaceHead) async throws(DeployError) -> DeployDraft {
        let tip = source.commit
        try await environment.source?.fetchHistory(of: tip.id)
        let relation = try await findRelation(of: space.head, under: tip, isPristine: space.isPristine)
        let outgoing = try await OutgoingCommits(
            to: tip, beyond: relation.bases, allowing: target.allowCredential, in: objects)
        var draft = DeployDraft(
            composition: try await composition(of: tip, over: space.head, outgoing), base: space.head?.id,
            sdkChange: try await sdkChange(tip, space.isPristine ? nil : space.head))
        draft.relation = relation
        return draft
    }

    func findRelation(
        of head: Commit?, under tip: Commit, isPristine: Bool
    ) async throws(DeployError) -> HistoryRelation {
        guard let head else { return HistoryRelation() }
        if try await objects.ancestor(of: tip.id, among: [head.id]) != nil {
            return HistoryRelation(bases: [head.id])
        }
        if isPristine { return HistoryRelation() }
        let spaceCommits = try await space.commits(
            of: target.spaceBranch, limit: DeployBaseline.searchDepth)
        let base = try await objects.ancestor(of: tip.id, among: Set(spaceCommits.map(\.id)))
        return HistoryRelation(
            bases: [base].compactMap { $0 }, spaceOnlyCommits: Array(spaceCommits.prefix { $0.id != base }))
    }

    private func composition(
        of tip: Commit, over head: Commit?, _ outgoing: OutgoingCommits
    ) async throws(DeployError) -> ComposedTree {
        let check = HistoryPreflight(store: objects, allowed: target.allowCredential)
        let changes = try await TreeDiff(from: head?.tree, to: tip.tree, in: objects)
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
        let check = HistoryPreflight(store: objects, allowed: [])
        let new = try await check.readme(of: tip.tree).flatMap { Card.read($0).value(of: "sdk") }
        guard let head else { return SDKChange(old: nil, new: new) }
        if let readme = try await objects.readme(in: head.tree) { try await space.fetchBlobs([readme]) }
        let old = try await check.readme(of: head.tree).flatMap { Card.read($0).value(of: "sdk") }
        return SDKChange(old: old, new: new)
    }

    /// Returns the violation of the guard `history`: commits of the Space that the push would drop.
    func violations(
        of relation: HistoryRelation, _ tip: Commit, _ head: Commit?
    ) async throws(DeployError) -> [GuardViolation] {
        guard !relation.spaceOnlyCommits.isEmpty, !options.overriddenGuards.contains(.history) else {
            return []
        }
        let (count, shown) = (relation.spaceOnlyCommits.count, relation.spaceOnlyCommits.prefix(20))
        let lines = shown.map {
            "\($0.id.short) \($0.shownSubject) (\($0.isDeploy ? "a deploy" : $0.author.name))"
        }
        let number = count < DeployBaseline.searchDepth ? "\(count)" : "at least \(count)"
        let commits = count == 1 ? "a commit that is" : "\(number) commits that are"
        let them = count == 1 ? "it" : "them"
        let isAhead = relation.bases.contains(tip.id)
        let apply = try await isChangedOnBothSides(relation, tip, head) ? "git apply -3" : "git apply"
        return [
            GuardViolation(
                guardName: .history,
                message:
                    "\(target.space) has \(commits) not in the history of \(tip.id.short); the push would "
                    + (isAhead ? "move the branch back and drop \(them)" : "drop \(them)"),
                details: lines + (count > shown.count ? ["… and \(count - shown.count) more"] : []),
                hints: [
                    "to apply the Space's changes to the source: spacesync drift \(target.space) --patch | \(apply)"
                ])
        ]
    }

    /// Whether a file was changed on both sides.
    private func isChangedOnBothSides(
        _ relation: HistoryRelation, _ tip: Commit, _ head: Commit?
    ) async throws(DeployError) -> Bool {
        guard let base = relation.bases.first, let head else { return false }
        let tree = try await objects.commit(base).tree
        let spacePaths = try await TreeDiff(from: tree, to: head.tree, in: objects).files.map(\.path)
        let sourcePaths = try await TreeDiff(from: tree, to: tip.tree, in: objects).files.map(\.path)
        return !Set(spacePaths).isDisjoint(with: sourcePaths)
    }

    /// Warns about commits that a forced push drops, with the id of the old head so that they can be
    /// recovered.
    func warnAboutDroppedCommits(_ relation: HistoryRelation, _ head: Commit?) {
        guard let head, !relation.spaceOnlyCommits.isEmpty else { return }
        environment.emit(.warning("this push drops commits of \(target.space); its head was \(head.id)"))
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
