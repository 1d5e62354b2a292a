import DeploySettings
import FrontMatter
import SpacesModel

extension Deployment {
    /// What is known of the Space's past, as far as this deploy needs it.
    func past(of state: SpaceState) async throws(Failure) -> SpacePast {
        guard let head = state.head else { return SpacePast() }
        guard !state.isPristine else { return SpacePast(head: head, lastDeploy: head) }
        var past = try await past(below: head)
        if let deploy = past.lastDeploy, deploy.isDeploy {
            past.completedKeys = deploy.keptKeys + (try await addedKeys(on: head, since: deploy))
        } else if past.isFirstContact, let readme = try await store.readme(in: head.tree) {
            try await space.bring([readme])
            past.completedKeys = Card.read(try await store.content(of: readme)).keys
        }
        return past
    }

    /// Keys that somebody added to the card on the Hub.
    private func addedKeys(on head: Commit, since deploy: Commit) async throws(Failure) -> [String] {
        guard head.id != deploy.id else { return [] }
        let readmes = try await [head, deploy].asyncMap { (commit) async throws(Failure) in
            try await store.readme(in: commit.tree)
        }
        guard readmes[0] != readmes[1] else { return [] }
        let cards = try await readmes.asyncMap { (blob) async throws(Failure) -> CardDocument in
            guard let blob else { return Card.read([]) }
            try await space.bring([blob])
            return Card.read(try await store.content(of: blob))
        }
        return cards[0].keys.filter { !cards[1].holds($0) }
    }

    /// Sets a composition beside what the Space holds; nil where it holds nothing.
    func reconciler(_ past: SpacePast, _ snapshot: Snapshot) -> Reconciler<Store>? {
        guard let head = past.head else { return nil }
        var reconciler = Reconciler(
            mode: target.drift, store: store, merger: merger(snapshot, past.lastDeploy), head: head,
            base: past.base(for: snapshot))
        if past.isFirstContact { reconciler.known = firstContact(snapshot, head) }
        return reconciler
    }

    /// Finds the files of the Space that the source has a version of.
    func firstContact(
        _ snapshot: Snapshot, _ head: Commit
    ) -> @Sendable ([Path: ThreeWay]) async throws(Failure) -> Set<Path> {
        let contact = FirstContact(target: target, snapshot: snapshot, head: head, store: store) {
            [space] (blobs) async throws(Failure) in try await space.bring(blobs)
        }
        return { (files) async throws(Failure) in try await contact.known(files) }
    }

    func merger(_ snapshot: Snapshot, _ lastDeploy: Commit?) -> EditMerger {
        EditMerger(
            store, bringing: space,
            past: SourcePast(target: target, snapshot: snapshot, lastDeploy: lastDeploy, store: store))
    }

    /// The last deploy at or below the head; the head itself where that is to be taken as it is: the Hub's own first
    /// commit, or one of the source's history (design 4.6).
    func lastDeploy(below head: Commit) async throws(Failure) -> Commit? {
        try await past(below: head).lastDeploy
    }

    /// The same, and where there is none the newest commit that hub-sync made.
    private func past(below head: Commit) async throws(Failure) -> SpacePast {
        var past = SpacePast(head: head, lastDeploy: head)
        if head.isDeploy { return past }
        if try await isPristine(head) { return past }
        if await source.holds(commit: head.id) { return past }
        let commits = try await space.commits(of: target.spaceBranch, limit: Self.depth)
        past.lastDeploy = commits.first(where: \.isDeploy)
        if past.lastDeploy == nil { past.synced = commits.first(where: \.isHubSync) }
        if let base = past.lastDeploy ?? past.synced { try await space.bringTrees(of: base.id) }
        return past
    }

    /// So far down the Space's history a deploy is looked for.
    static var depth: Int { 100 }

    /// What guards say of a composition.
    func objections(
        _ composition: Composition, _ reconciler: Reconciler<Store>?, _ state: SpaceState,
        _ kinds: SpaceKinds, _ snapshot: Snapshot
    ) async throws(Failure) -> [Objection] {
        guard let head = state.head, !state.isPristine else { return [] }
        let found = [
            reconciler?.objection(
                target.space, from: snapshot.branch,
                hasPlace: try await hasPlace(reconciler?.undone, snapshot)),
            reconciler?.adoption(of: target.space),
            try await deletes(composition.plan, head),
            sdkChange(kinds),
        ]
        return found.compactMap { $0 }.filter { !$0.isForced(by: options.forced) }
    }

    /// Whether the source has a place for any of the Space's changes.
    private func hasPlace(_ edits: [SpaceEdit]?, _ snapshot: Snapshot) async throws(Failure) -> Bool {
        guard let edits, !edits.isEmpty else { return false }
        let places = try await SourcePlaces(target, in: snapshot, store: store)
        for edit in edits {
            if try await places.origin(of: edit.path) != nil { return true }
            if edit.kind == .added, try await places.home(for: edit.path) != nil { return true }
        }
        return false
    }

    func refusal(of prepared: Prepared) -> Failure {
        .guarded(prepared.objections, target.space, passed: options.forced)
    }

    private func deletes(_ plan: Plan, _ head: Commit) async throws(Failure) -> Objection? {
        let removed = plan.changes.filter { $0.kind == .removed && $0.movedTo == nil }
        guard !removed.isEmpty else { return nil }
        let total = try await TreeDraft.fileCount(of: head.tree, in: store)
        guard !target.deleteLimit.allows(removed.count, of: total) else { return nil }
        // The plan, said just before, has listed them.
        return Objection(
            guardName: .deletes,
            message: "this deploy would remove \(removed.count) of the \(total) files of \(target.space)",
            details: [], hints: ["to keep them: keep = PATH; to allow it: deleteLimit = \(removed.count)"])
    }

    private func sdkChange(_ kinds: SpaceKinds) -> Objection? {
        guard let old = kinds.old, let new = kinds.new, old != new else { return nil }
        let who = target.sdk == nil ? "the source" : "the setting sdk"
        let way =
            target.sendsHistory
            ? "sdk: \(old) in the card of the source's README"
            : "spacesync push \(target.space) --sdk \(old)"
        return Objection(
            guardName: .sdk,
            message:
                "\(target.space) is a \(old) Space; \(who) says \(new), so this deploy would change its kind",
            details: [], hints: ["to keep it a \(old) Space: \(way)"], passing: "to make it a \(new) Space")
    }

    /// What stays on the Space of its own edits, where nothing is pushed that could note it for later deploys.
    func tellKept(_ edits: [SpaceEdit]) {
        guard !edits.isEmpty else { return }
        // A plan lists them.
        let shown = options.isPlan ? [] : edits.prefix(12)
        for edit in shown { say(.detail("= \(edit.path)  edited on the Space (merged)")) }
        if !options.isPlan, edits.count > shown.count {
            say(
                .detail(
                    "… and \(edits.count - shown.count) more (all of them: spacesync plan \(target.space))"))
        }
        guard case .flag = target.setting("drift")?.origin else { return }
        let setting =
            target.source == nil
            ? "git config space.\(target.space).drift merge" : "drift = merge in its section"
        say(
            .detail(
                "kept this time: nothing is pushed that would note it; to keep it later too: \(setting), "
                    + "or --drift merge again"))
    }
}

/// What a deploy knows of those before it.
struct SpacePast: Sendable {
    var head: Commit?
    var lastDeploy: Commit?
    /// Without a deploy: the newest commit of hub-sync, whose tree another run of that tool put there.
    var synced: Commit?
    /// Keys of the Space's card that complete ours: those that were ever completed, and what the Hub's side added.
    var completedKeys = ReadmeComposition.firstContactKeys
    /// What the Space and a source last had in common.
    func base(for snapshot: Snapshot) -> Commit? {
        lastDeploy ?? synced.flatMap { $0.isHubSync(of: snapshot.repository) ? $0 : nil }
    }
    /// The Space holds something, and no deploy was there before.
    var isFirstContact: Bool { head != nil && lastDeploy == nil }
}

extension Array {
    fileprivate func asyncMap<Result>(
        _ transform: (Element) async throws(Failure) -> Result
    ) async throws(Failure) -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}

/// The kind of Space before and after.
struct SpaceKinds: Hashable, Sendable {
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
    var keptKeys: [String] {
        let names = Trailers(of: message)["Card-Kept"]?.split(separator: ",") ?? []
        return names.map { $0.filter { $0 != " " } }
    }
}

extension TreeDraft {
    /// How many files a stored tree holds.
    static func fileCount(of tree: ObjectID, in store: some ObjectStoring) async throws(Failure) -> Int {
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
