import DeploySettings
import FrontMatter
import SpacesModel

extension Deployer {
    /// What is known of the Space's past, as far as this deploy needs it.
    func loadBaseline(of state: SpaceHead) async throws(DeployError) -> DeployBaseline {
        guard let head = state.head else { return DeployBaseline() }
        guard !state.isPristine else { return DeployBaseline(head: head, lastDeploy: head) }
        var past = try await loadBaseline(below: head)
        if let deploy = past.lastDeploy, deploy.isDeploy {
            past.completedKeys = deploy.preservedKeys + (try await addedKeys(on: head, since: deploy))
        } else if past.isAdoption, let readme = try await store.readme(in: head.tree) {
            try await space.fetchBlobs([readme])
            past.completedKeys = Card.read(try await store.content(of: readme)).keys
        }
        return past
    }

    /// Keys that somebody added to the card on the Hub.
    private func addedKeys(on head: Commit, since deploy: Commit) async throws(DeployError) -> [String] {
        guard head.id != deploy.id else { return [] }
        let readmes = try await [head, deploy].asyncMap { (commit) async throws(DeployError) in
            try await store.readme(in: commit.tree)
        }
        guard readmes[0] != readmes[1] else { return [] }
        let cards = try await readmes.asyncMap { (blob) async throws(DeployError) -> CardDocument in
            guard let blob else { return Card.read([]) }
            try await space.fetchBlobs([blob])
            return Card.read(try await store.content(of: blob))
        }
        return cards[0].keys.filter { !cards[1].hasValue($0) }
    }

    /// Sets a composition beside what the Space holds; nil where it holds nothing.
    func reconciler(_ baseline: DeployBaseline, _ snapshot: SourceSnapshot) -> DriftReconciler<Store>? {
        guard let head = baseline.head else { return nil }
        var reconciler = DriftReconciler(
            mode: target.drift, store: store, merger: merger(snapshot, baseline.lastDeploy), head: head,
            base: baseline.base(for: snapshot))
        if baseline.isAdoption { reconciler.findKnownPaths = makeAdoptionCheck(snapshot, head) }
        return reconciler
    }

    /// Finds the files of the Space that the source has a version of.
    func makeAdoptionCheck(
        _ snapshot: SourceSnapshot, _ head: Commit
    ) -> @Sendable ([Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path> {
        let contact = AdoptionCheck(target: target, snapshot: snapshot, head: head, store: store) {
            [space] (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs)
        }
        return { (files) async throws(DeployError) in try await contact.findKnownPaths(files) }
    }

    func merger(_ snapshot: SourceSnapshot, _ lastDeploy: Commit?) -> ThreeWayMerger {
        ThreeWayMerger(
            store, bringing: space,
            sourceHistory: SourceHistory(
                target: target, snapshot: snapshot, lastDeploy: lastDeploy, store: store))
    }

    /// The last deploy at or below the head; the head itself where that is to be taken as it is: the Hub's own first
    /// commit, or one of the source's history (design 4.6).
    func lastDeploy(below head: Commit) async throws(DeployError) -> Commit? {
        try await loadBaseline(below: head).lastDeploy
    }

    /// The same, and where there is none the newest commit that hub-sync made.
    private func loadBaseline(below head: Commit) async throws(DeployError) -> DeployBaseline {
        var past = DeployBaseline(head: head, lastDeploy: head)
        if head.isDeploy { return past }
        if try await isPristine(head) { return past }
        if await source.contains(commit: head.id) { return past }
        let commits = try await space.commits(of: target.spaceBranch, limit: Self.depth)
        past.lastDeploy = commits.first(where: \.isDeploy)
        if past.lastDeploy == nil { past.hubSyncCommit = commits.first(where: \.isHubSync) }
        if let base = past.lastDeploy ?? past.hubSyncCommit { try await space.fetchTrees(of: base.id) }
        return past
    }

    /// So far down the Space's history a deploy is looked for.
    static var depth: Int { 100 }

    /// What guards say of a composition.
    func guardViolations(
        _ composition: ComposedTree, _ reconciler: DriftReconciler<Store>?, _ state: SpaceHead,
        _ sdkChange: SDKChange, _ snapshot: SourceSnapshot
    ) async throws(DeployError) -> [GuardViolation] {
        guard let head = state.head, !state.isPristine else { return [] }
        let found = [
            reconciler?.driftViolation(
                target.space, from: snapshot.branch,
                hasSourcePath: try await hasSourcePath(reconciler?.undone, snapshot)),
            reconciler?.adoptViolation(of: target.space),
            try await deleteViolation(composition.plan, head),
            sdkViolation(sdkChange),
        ]
        return found.compactMap { $0 }.filter { !$0.isOverridden(by: options.overriddenGuards) }
    }

    /// Whether the source has a place for any of the Space's changes.
    private func hasSourcePath(_ edits: [RemoteEdit]?, _ snapshot: SourceSnapshot) async throws(DeployError)
        -> Bool
    {
        guard let edits, !edits.isEmpty else { return false }
        let places = try await SourcePathResolver(target, in: snapshot, store: store)
        for edit in edits {
            if try await places.origin(of: edit.path) != nil { return true }
            if edit.kind == .added, try await places.newSourcePath(for: edit.path) != nil { return true }
        }
        return false
    }

    func blockedError(of prepared: PreparedDeploy) -> DeployError {
        .blockedByGuards(prepared.guardViolations, target.space, overridden: options.overriddenGuards)
    }

    private func deleteViolation(_ plan: Plan, _ head: Commit) async throws(DeployError) -> GuardViolation? {
        let removed = plan.changes.filter { $0.kind == .removed && $0.movedTo == nil }
        guard !removed.isEmpty else { return nil }
        let total = try await TreeBuilder.fileCount(of: head.tree, in: store)
        guard !target.deleteLimit.allows(removed.count, of: total) else { return nil }
        // The plan, said just before, has listed them.
        return GuardViolation(
            guardName: .deletes,
            message: "this deploy would remove \(removed.count) of the \(total) files of \(target.space)",
            details: [], hints: ["to keep them: keep = PATH; to allow it: deleteLimit = \(removed.count)"])
    }

    private func sdkViolation(_ sdkChange: SDKChange) -> GuardViolation? {
        guard let old = sdkChange.old, let new = sdkChange.new, old != new else { return nil }
        let who = target.sdk == nil ? "the source" : "the setting sdk"
        let way =
            target.pushesHistory
            ? "sdk: \(old) in the card of the source's README"
            : "spacesync push \(target.space) --sdk \(old)"
        return GuardViolation(
            guardName: .sdk,
            message:
                "\(target.space) is a \(old) Space; \(who) says \(new), so this deploy would change its kind",
            details: [], hints: ["to keep it a \(old) Space: \(way)"],
            overrideHint: "to make it a \(new) Space")
    }

    /// What stays on the Space of its own edits, where nothing is pushed that could note it for later deploys.
    func logPreservedEdits(_ edits: [RemoteEdit]) {
        guard !edits.isEmpty else { return }
        // A plan lists them.
        let shown = options.isPlan ? [] : edits.prefix(12)
        for edit in shown { emit(.detail("= \(edit.path)  edited on the Space (merged)")) }
        if !options.isPlan, edits.count > shown.count {
            emit(
                .detail(
                    "… and \(edits.count - shown.count) more (all of them: spacesync plan \(target.space))"))
        }
        guard case .flag = target.setting("drift")?.origin else { return }
        let setting =
            target.source == nil
            ? "git config space.\(target.space).drift merge" : "drift = merge in its section"
        emit(
            .detail(
                "kept this time: nothing is pushed that would note it; to keep it later too: \(setting), "
                    + "or --drift merge again"))
    }
}

/// What a deploy knows of those before it.
struct DeployBaseline: Sendable {
    var head: Commit?
    var lastDeploy: Commit?
    /// Without a deploy: the newest commit of hub-sync, whose tree another run of that tool put there.
    var hubSyncCommit: Commit?
    /// Keys of the Space's card that complete ours: those that were ever completed, and what the Hub's side added.
    var completedKeys = ReadmeComposer.defaultInheritedKeys
    /// What the Space and a source last had in common.
    func base(for snapshot: SourceSnapshot) -> Commit? {
        lastDeploy ?? hubSyncCommit.flatMap { $0.isHubSync(of: snapshot.repository) ? $0 : nil }
    }
    /// The Space holds something, and no deploy was there before.
    var isAdoption: Bool { head != nil && lastDeploy == nil }
}

extension Array {
    fileprivate func asyncMap<Result>(
        _ transform: (Element) async throws(DeployError) -> Result
    ) async throws(DeployError) -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}

/// The kind of Space before and after.
struct SDKChange: Hashable, Sendable {
    var old: String?
    var new: String?
}

extension Commit {
    /// Made by a deploy of ours.
    var isDeploy: Bool { Trailers(of: message)["Spacesync"] != nil }
    /// Made by the action huggingface/hub-sync, as its title tells: `Sync from OWNER/REPO via hub-sync`.
    var isHubSync: Bool { hubSyncOrigin != nil }

    /// Whether hub-sync took it from this repository, as far as both are named.
    func isHubSync(of repository: String) -> Bool {
        guard let hubSyncOrigin else { return false }
        guard hubSyncOrigin != "GitHub", let address = RepositoryAddress(repository) else { return true }
        return address.ends(with: hubSyncOrigin)
    }

    /// `OWNER/REPO`, or `GitHub` if the title names no repository.
    private var hubSyncOrigin: String? {
        let words = subject.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 5, words[..<2] == ["Sync", "from"], words[3...] == ["via", "hub-sync"] else {
            return nil
        }
        let names = words[2].split(separator: "/", omittingEmptySubsequences: false)
        let isName = words[2] == "GitHub" || (names.count == 2 && names.allSatisfy { SpaceID.isValid($0) })
        return isName ? String(words[2]) : nil
    }

    /// Keys of the card that this deploy completed from the Space's.
    var preservedKeys: [String] {
        let names = Trailers(of: message)["Card-Kept"]?.split(separator: ",") ?? []
        return names.map { $0.filter { $0 != " " } }
    }
}

extension TreeBuilder {
    /// How many files a stored tree holds.
    static func fileCount(of tree: ObjectID, in store: some ObjectDatabase) async throws(DeployError) -> Int {
        var count = 0
        var waiting = [tree]
        while let next = waiting.popLast() {
            for entry in try await store.entries(of: next) {
                if entry.kind == .tree { waiting.append(entry.id) } else { count += 1 }
            }
        }
        return count
    }
}
