import DeploySettings
import FrontMatter
import SpacesModel

extension Deployer {
    /// Loads the last deploy of the Space, and the card keys that this deploy inherits from it.
    func loadBaseline(of state: SpaceHead) async throws(DeployError) -> DeployBaseline {
        guard let head = state.head else { return DeployBaseline() }
        guard !state.isPristine else { return DeployBaseline(head: head, lastDeploy: head) }
        var baseline = try await loadBaseline(below: head)
        if let deploy = baseline.lastDeploy, deploy.isDeploy {
            baseline.completedKeys = deploy.preservedKeys + (try await addedKeys(on: head, since: deploy))
        } else if baseline.isAdoption, let readme = try await store.readme(in: head.tree) {
            try await space.fetchBlobs([readme])
            baseline.completedKeys = Card.read(try await store.content(of: readme)).keys
        }
        return baseline
    }

    /// Returns the card keys that were added on the Hub since a deploy.
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

    /// Returns a reconciler of the composed tree with the Space; `nil` if the Space has no commit.
    func reconciler(_ baseline: DeployBaseline, _ snapshot: SourceSnapshot) -> DriftReconciler<Store>? {
        guard let head = baseline.head else { return nil }
        var reconciler = DriftReconciler(
            mode: target.drift, store: store, merger: merger(snapshot, baseline.lastDeploy), head: head,
            base: baseline.base(for: snapshot))
        if baseline.isAdoption { reconciler.findKnownPaths = makeAdoptionCheck(snapshot, head) }
        return reconciler
    }

    /// Returns a function that finds the files of the Space of which the source has a version.
    func makeAdoptionCheck(
        _ snapshot: SourceSnapshot, _ head: Commit
    ) -> @Sendable ([Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path> {
        let check = AdoptionCheck(target: target, snapshot: snapshot, head: head, store: store) {
            [space] (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs)
        }
        return { (files) async throws(DeployError) in try await check.findKnownPaths(files) }
    }

    func merger(_ snapshot: SourceSnapshot, _ lastDeploy: Commit?) -> ThreeWayMerger {
        ThreeWayMerger(
            store, bringing: space,
            sourceHistory: SourceHistory(
                target: target, snapshot: snapshot, lastDeploy: lastDeploy, store: store))
    }

    /// Returns the last deploy at or below the head, or the head itself if it is the Hub's initial
    /// commit or a commit of the source's history (design 4.6).
    func lastDeploy(below head: Commit) async throws(DeployError) -> Commit? {
        try await loadBaseline(below: head).lastDeploy
    }

    /// Loads the last deploy at or below the head, or the newest commit of hub-sync if there is no
    /// deploy.
    private func loadBaseline(below head: Commit) async throws(DeployError) -> DeployBaseline {
        var baseline = DeployBaseline(head: head, lastDeploy: head)
        if head.isDeploy { return baseline }
        if try await isPristine(head) { return baseline }
        if await source.contains(commit: head.id) { return baseline }
        let commits = try await space.commits(of: target.spaceBranch, limit: Self.depth)
        baseline.lastDeploy = commits.first(where: \.isDeploy)
        if baseline.lastDeploy == nil { baseline.hubSyncCommit = commits.first(where: \.isHubSync) }
        if let base = baseline.lastDeploy ?? baseline.hubSyncCommit {
            try await space.fetchTrees(of: base.id)
        }
        return baseline
    }

    /// The number of commits of the Space's history that are searched for a deploy.
    static var depth: Int { 100 }

    /// Returns the violations of the guards `drift`, `adopt`, `deletes` and `sdk` that are not
    /// overridden.
    func guardViolations(
        _ composition: ComposedTree, _ reconciler: DriftReconciler<Store>?, _ state: SpaceHead,
        _ sdkChange: SDKChange, _ snapshot: SourceSnapshot
    ) async throws(DeployError) -> [GuardViolation] {
        guard let head = state.head, !state.isPristine else { return [] }
        let violations = [
            reconciler?.driftViolation(
                target.space, from: snapshot.branch,
                hasSourcePath: try await hasSourcePath(reconciler?.undone, snapshot)),
            reconciler?.adoptViolation(of: target.space),
            try await deleteViolation(composition.plan, head),
            sdkViolation(sdkChange),
        ]
        return violations.compactMap { $0 }.filter { !$0.isOverridden(by: options.overriddenGuards) }
    }

    /// Whether any of the Space's edits has a path in the source.
    private func hasSourcePath(_ edits: [RemoteEdit]?, _ snapshot: SourceSnapshot) async throws(DeployError)
        -> Bool
    {
        guard let edits, !edits.isEmpty else { return false }
        let resolver = try await SourcePathResolver(target, in: snapshot, store: store)
        for edit in edits {
            if try await resolver.origin(of: edit.path) != nil { return true }
            if edit.kind == .added, try await resolver.newSourcePath(for: edit.path) != nil { return true }
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
        // The plan, printed just before, lists the removed files.
        return GuardViolation(
            guardName: .deletes,
            message: "this deploy would remove \(removed.count) of the \(total) files of \(target.space)",
            details: [], hints: ["to keep them: keep = PATH; to allow it: deleteLimit = \(removed.count)"])
    }

    private func sdkViolation(_ sdkChange: SDKChange) -> GuardViolation? {
        guard let old = sdkChange.old, let new = sdkChange.new, old != new else { return nil }
        let sdkOrigin = target.sdk == nil ? "the source" : "the setting sdk"
        let fix =
            target.pushesHistory
            ? "sdk: \(old) in the card of the source's README"
            : "spacesync push \(target.space) --sdk \(old)"
        return GuardViolation(
            guardName: .sdk,
            message:
                "\(target.space) is a \(old) Space; \(sdkOrigin) says \(new), so this deploy would change its kind",
            details: [], hints: ["to keep it a \(old) Space: \(fix)"],
            overrideHint: "to make it a \(new) Space")
    }

    /// Logs the edits that stay on the Space although no commit is pushed that records them for later
    /// deploys.
    func logPreservedEdits(_ edits: [RemoteEdit]) {
        guard !edits.isEmpty else { return }
        // A plan lists these edits already.
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

/// The state of the Space that a deploy is measured from: its head and its last deploy.
struct DeployBaseline: Sendable {
    var head: Commit?
    var lastDeploy: Commit?
    /// The newest commit of hub-sync, whose tree that tool pushed; only set if there is no deploy.
    var hubSyncCommit: Commit?
    /// Keys of the Space's card that complete the composed card: keys that earlier deploys inherited,
    /// and keys that were added on the Hub.
    var completedKeys = ReadmeComposer.defaultInheritedKeys
    /// Returns the commit that the Space and the source last had in common; `nil` if there is none.
    func base(for snapshot: SourceSnapshot) -> Commit? {
        lastDeploy ?? hubSyncCommit.flatMap { $0.isHubSync(of: snapshot.repository) ? $0 : nil }
    }
    /// Whether the Space has a commit but no deploy.
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

/// The SDK of a Space before and after a deploy.
struct SDKChange: Hashable, Sendable {
    var old: String?
    var new: String?
}

extension Commit {
    /// Whether spacesync made the commit (trailer `Spacesync`).
    var isDeploy: Bool { Trailers(of: message)["Spacesync"] != nil }
    /// Whether the action huggingface/hub-sync made the commit, by its subject: `Sync from OWNER/REPO
    /// via hub-sync`.
    var isHubSync: Bool { hubSyncOrigin != nil }

    /// Whether hub-sync pushed the commit from this repository; true if one of the two repositories is
    /// not known.
    func isHubSync(of repository: String) -> Bool {
        guard let hubSyncOrigin else { return false }
        guard hubSyncOrigin != "GitHub", let address = RepositoryAddress(repository) else { return true }
        return address.ends(with: hubSyncOrigin)
    }

    /// `OWNER/REPO`, or `GitHub` if the subject names no repository; `nil` if hub-sync did not make the
    /// commit.
    private var hubSyncOrigin: String? {
        let parts = subject.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[..<2] == ["Sync", "from"], parts[3...] == ["via", "hub-sync"] else {
            return nil
        }
        let names = parts[2].split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts[2] == "GitHub" || (names.count == 2 && names.allSatisfy { SpaceID.isValid($0) })
        return isName ? String(parts[2]) : nil
    }

    /// Keys of the card that this deploy inherited from the Space's card (trailer `Card-Kept`).
    var preservedKeys: [String] {
        let names = Trailers(of: message)["Card-Kept"]?.split(separator: ",") ?? []
        return names.map { $0.filter { $0 != " " } }
    }
}

extension TreeBuilder {
    /// Returns the number of files in a stored tree.
    static func fileCount(of tree: ObjectID, in store: some ObjectDatabase) async throws(DeployError) -> Int {
        var count = 0
        var queue = [tree]
        while let next = queue.popLast() {
            for entry in try await store.entries(of: next) {
                if entry.kind == .tree { queue.append(entry.id) } else { count += 1 }
            }
        }
        return count
    }
}
