import DeploySettings
import FrontMatter
import SpacesModel

/// Where the Space stands, seen from the source's history.
struct HistoryGround: Sendable {
    /// Commits of the source that the Space has: what they lead to is not sent again.
    var bases: [ObjectID] = []
    /// The Space's own commits, which a push would leave behind; newest first.
    var strangers: [Commit] = []
}

/// `history = source`: the source's own commits, as `git push` sends them.
extension Deployment {
    func prepareHistory(
        _ snapshot: Snapshot, _ state: SpaceState, _ before: SpaceInfo?, _ report: inout Report
    ) async throws(Failure) -> Prepared {
        let tip = snapshot.commit
        try await source.bringHistory(of: tip.id)
        let ground = try await ground(of: state.head, under: tip, isPristine: state.isPristine)
        let outgoing = try await outgoing(to: tip, ground)
        var composition = try await composition(of: tip, over: state.head, outgoing)
        report.record = PlanRecord(target, snapshot, state, composition)
        try await keepPromise(report.record, snapshot, state, nil)
        try await showTexts(of: &composition, over: state)
        composition.findings += try await lostFiles(composition, of: snapshot)
        composition.findings += try await judged(composition, over: state.head?.tree)
        composition.findings.warnings(of: target.space).forEach(say)
        if options.message != nil {
            say(.warning("--message is for snapshots: the source's commits keep theirs"))
        }
        composition.plan.settings = try await stateChanges(
            of: state, before, isPushing: !composition.plan.isEmpty)
        report.plan = composition.plan
        say(.planned(composition.plan))
        var prepared = Prepared(snapshot: snapshot, state: state, composition: composition)
        prepared.history = outgoing.all
        prepared.objections =
            (try await objection(to: ground, tip, state.head))
            + (try await objections(
                composition, nil, state, try await kinds(tip, state.isPristine ? nil : state.head), snapshot))
        if prepared.objections.isEmpty, !options.isPlan { tellLeft(ground, state.head) }
        return prepared
    }

    func sendHistory(_ prepared: Prepared) async throws(Failure) -> PushReceipt {
        try await space.push(
            history: prepared.history, to: prepared.snapshot.commit.id, as: target.spaceBranch,
            expecting: prepared.state.head?.id)
    }

    /// The kind of a Space that is to be made for these commits.
    /// - Throws: kind `refused` when the Hub would refuse them: no Space is made for nothing.
    func historyKind(_ snapshot: Snapshot) async throws(Failure) -> String {
        try await source.bringHistory(of: snapshot.commit.id)
        let outgoing = try await outgoing(to: snapshot.commit, HistoryGround())
        var composition = try await composition(of: snapshot.commit, over: nil, outgoing)
        composition.findings += try await lostFiles(composition, of: snapshot)
        composition.findings += try await judged(composition, over: nil)
        if let failure = Failure.preflight(composition.findings, target.space) { throw failure }
        return try await kinds(snapshot.commit, nil).new ?? "docker"
    }

    func ground(
        of head: Commit?, under tip: Commit, isPristine: Bool
    ) async throws(Failure) -> HistoryGround {
        guard let head else { return HistoryGround() }
        if try await store.ancestor(of: tip.id, among: [head.id]) != nil {
            return HistoryGround(bases: [head.id])
        }
        if isPristine { return HistoryGround() }
        let chain = try await space.commits(of: target.spaceBranch, limit: Self.depth)
        let base = try await store.ancestor(of: tip.id, among: Set(chain.map(\.id)))
        return HistoryGround(
            bases: [base].compactMap { $0 }, strangers: Array(chain.prefix { $0.id != base }))
    }

    private func outgoing(to tip: Commit, _ ground: HistoryGround) async throws(Failure) -> Outgoing<Store> {
        try await Outgoing(to: tip, beyond: ground.bases, allowing: target.allowCredential, in: store)
    }

    private func composition(
        of tip: Commit, over head: Commit?, _ outgoing: Outgoing<Store>
    ) async throws(Failure) -> Composition {
        let check = HistoryCheck(store: store, allowed: target.allowCredential)
        let changes = try await TreeChanges(from: head?.tree, to: tip.tree, in: store)
        var plan = Plan(
            changes: changes.files.map { Change(path: $0.path, kind: $0.kind, why: $0.kind.inTheSource) })
        plan.commits = outgoing.commits
        return Composition(
            tree: tip.tree, objects: outgoing.all, plan: plan,
            findings: try await check.findings(of: tip, over: head?.tree, in: outgoing), large: outgoing.large
        )
    }

    private func kinds(_ tip: Commit, _ head: Commit?) async throws(Failure) -> SpaceKinds {
        let check = HistoryCheck(store: store, allowed: [])
        let new = try await check.readme(of: tip.tree).flatMap { Card.read($0).value(of: "sdk") }
        guard let head else { return SpaceKinds(old: nil, new: new) }
        if let readme = try await store.readme(in: head.tree) { try await space.bring([readme]) }
        let old = try await check.readme(of: head.tree).flatMap { Card.read($0).value(of: "sdk") }
        return SpaceKinds(old: old, new: new)
    }

    private func objection(
        to ground: HistoryGround, _ tip: Commit, _ head: Commit?
    ) async throws(Failure) -> [Objection] {
        guard !ground.strangers.isEmpty, !options.forced.contains(.history) else { return [] }
        let (count, shown) = (ground.strangers.count, ground.strangers.prefix(20))
        let lines = shown.map {
            "\($0.id.short) \($0.shownSubject) (\($0.isDeploy ? "a deploy" : $0.author.name))"
        }
        let number = count < Self.depth ? "\(count)" : "at least \(count)"
        let commits = count == 1 ? "a commit that is" : "\(number) commits that are"
        let them = count == 1 ? "it" : "them"
        let isAhead = ground.bases.contains(tip.id)
        let apply = try await isChangedTwice(ground, tip, head) ? "git apply -3" : "git apply"
        return [
            Objection(
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
    private func isChangedTwice(
        _ ground: HistoryGround, _ tip: Commit, _ head: Commit?
    ) async throws(Failure) -> Bool {
        guard let base = ground.bases.first, let head else { return false }
        let tree = try await store.commit(base).tree
        let theirs = try await TreeChanges(from: tree, to: head.tree, in: store).files.map(\.path)
        let mine = try await TreeChanges(from: tree, to: tip.tree, in: store).files.map(\.path)
        return !Set(theirs).isDisjoint(with: mine)
    }

    /// What was forced away can be had back while its id is known.
    private func tellLeft(_ ground: HistoryGround, _ head: Commit?) {
        guard let head, !ground.strangers.isEmpty else { return }
        say(.warning("leaves behind what \(target.space) held; its head was \(head.id)"))
    }
}

extension Change.Kind {
    fileprivate var inTheSource: String {
        switch self {
        case .added: "new in the source"
        case .removed: "not in the source"
        case .updated, .kept: "changed in the source"
        }
    }
}
