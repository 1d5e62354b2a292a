import DeploySettings
import DockerfileTemplates
import FrontMatter
import GitPatterns
import SpacesModel

/// Works out the exact tree that a Space should hold, in the order of design 4.3: root, include, exclude, map,
/// add, Dockerfile, attributes, card, keep.
struct Composer<Store: ObjectStoring>: Sendable {
    let target: Target
    let snapshot: Snapshot
    let store: Store
    /// The Space's present tree.
    let space: ObjectID?
    /// Keys of the Space's card that complete ours.
    let completed: [String]
    /// Brings blobs of the Space into the store.
    let bring: @Sendable ([ObjectID]) async throws(Failure) -> Void

    /// What the Space is built on, when `image` is set.
    let image: BaseImage?

    /// The Space holds what the Hub puts into a new one.
    var isHubsFirst = false
    var reasons = Reasons()
    /// What was decided in composing, for the story.
    var notes: [String] = []
    /// What the tree that was composed does not show any more: submodules left out, a card that was moved.
    var sourceFindings: [Finding] = []
    /// Why no Dockerfile was written where there is none.
    var missingDockerfile: MissingDockerfile?
    /// The kind of Space before and after, once it is composed.
    private(set) var kinds = SpaceKinds()
    /// Keys of the card that the Space's completed.
    private(set) var keptKeys: [String] = []
    /// Files that were looked at, in this composition or the one before.
    var surveyed = SurveyedFiles()
    /// What goes by LFS, and why; nothing with `lfs = off`.
    var large: LargeFileStaging<Store>?

    init(
        _ target: Target, _ snapshot: Snapshot, store: Store, space: ObjectID?,
        completing completed: [String] = ReadmeComposition.firstContactKeys, on image: BaseImage? = nil,
        bring: @escaping @Sendable ([ObjectID]) async throws(Failure) -> Void
    ) {
        (self.target, self.snapshot, self.store) = (target, snapshot, store)
        (self.space, self.completed, self.bring) = (space, completed, bring)
        self.image = image ?? target.image.map { BaseImage($0) }
    }

    /// - Parameter reconciler: puts what somebody changed on the Space into the tree; nil where there is no Space yet.
    mutating func compose(_ reconciler: inout Reconciler<Store>?) async throws(Failure) -> Composition {
        try await store.checkSize(
            of: snapshot.commit.tree, snapshot.repository, snapshot.isOfSpace ? .refused : .source)
        if let space { try await store.checkSize(of: space, target.space.description, .refused) }
        let top = try await TreeDraft(opening: snapshot.commit.tree, in: store)
        let old = if let space { try await TreeDraft(opening: space, in: store) } else { TreeDraft() }
        var draft = try await select(from: top)
        try await map(from: top, onto: &draft)
        try await add(to: &draft)
        try await leaveOutSubmodules(in: &draft)
        try await resolveNamedFiles(from: top, in: &draft)
        try await supply(draft, from: top, over: old)
        try await convertNamedFiles(in: &draft, over: old)
        let cards = try await cards(from: top, in: draft, over: old)
        try await placeDockerfile(from: top, in: &draft, cards, over: old)
        keepAttributes(of: old, in: &draft)
        try await placeCard(cards, over: old, in: &draft)
        try await stageLargeFiles(over: old, in: &draft)
        try await keep(old, in: &draft)
        try await reconciler?.reconcile(&draft)
        if let reconciler { reasons.take(reconciler, snapshot.commit.id, isHubsFirst) }
        try await coverLargeFiles(over: old, in: &draft)
        try await draft.openOdd(in: store)
        guard let tree = try await draft.write(to: store) else { throw nothingSelected() }
        let contents = try await TreeContents(of: tree == space ? nil : space, in: store)
        let changes = try await TreeChanges(from: space, to: tree, beside: contents, in: store)
        return Composition(
            tree: tree, objects: changes.objects, plan: plan(of: changes),
            findings: try await findings(in: tree, beside: contents), baseImage: image?.trailer,
            large: large?.files.among(changes.objects.map(\.id)) ?? [], pointed: large?.files.byPointer ?? [:]
        )
    }

    /// None of a tree that the Space holds already: it was let in, and what it runs is looked at itself.
    private mutating func findings(
        in tree: ObjectID, beside contents: TreeContents
    ) async throws(Failure) -> [Finding] {
        guard tree != space else { return [] }
        let survey = try await TreeSurvey(
            of: tree, over: contents, allowing: target.allowCredential, sendsLFS: target.sendsLargeFiles,
            knowing: surveyed.taken(), in: store)
        surveyed = survey.surveyed
        let findings = survey.findings.map { $0.explained(missingDockerfile?.reason) }
        return (findings + sourceFindings + (large?.files.credentials ?? [])).inOrder
    }

    private func nothingSelected() -> Failure {
        Failure(
            .source, "nothing of \(snapshot.repository) is selected for \(target.space)",
            hint: "look at root, include and exclude: spacesync plan -v shows them with their origin")
    }

    private mutating func select(from top: TreeDraft) async throws(Failure) -> TreeDraft {
        guard let node = try await top.node(at: target.root, in: store) else {
            throw await missing(target.root, key: "root", in: top)
        }
        guard let root = try await node.opened(in: store) else {
            throw Failure(
                .settings, "root = \(target.root): is a file, not a directory",
                hint: "name the directory that it is in, or map = \(target.root):/ for the file alone")
        }
        let selection = Selection(target)
        (reasons.selection, reasons.root) = (selection, target.root)
        var census = PatternCensus(selection.include)
        let selected = try await root.selected(by: selection, census: &census, in: store)
        guard census.unmatched.isEmpty else { throw await missing(census.unmatched, in: root) }
        return selected
    }

    private mutating func map(from top: TreeDraft, onto draft: inout TreeDraft) async throws(Failure) {
        for mapping in target.maps {
            guard let node = try await top.node(at: mapping.from, in: store) else {
                throw await missing(mapping.from, key: "map", in: top)
            }
            reasons.note(mapping)
            try await lay(node, by: mapping, on: &draft)
        }
    }

    private mutating func add(to draft: inout TreeDraft) async throws(Failure) {
        for mapping in target.adds {
            guard let node = try await snapshot.added.node(at: mapping.from, in: store) else { continue }
            try await lay(node, by: mapping, on: &draft)
            let inner = try await node.opened(in: store)?.paths(in: store) ?? [.root]
            for path in inner { reasons.note(mapping.place(of: path), "add \(mapping)") }
        }
    }

    private func lay(
        _ node: TreeDraft.Node, by mapping: Mapping, on draft: inout TreeDraft
    ) async throws(Failure) {
        if let directory = try await node.opened(in: store) {
            try await lay(directory, at: mapping.to, on: &draft)
        } else {
            try await draft.put(node, at: mapping.place(of: .root), in: store)
        }
    }

    private func lay(_ directory: TreeDraft, at place: Path, on draft: inout TreeDraft) async throws(Failure)
    {
        guard !place.isRoot else { return try await draft.lay(directory, in: store) }
        var base = try await draft.node(at: place, in: store)?.opened(in: store) ?? TreeDraft()
        try await base.lay(directory, in: store)
        try await draft.put(.directory(base), at: place, in: store)
    }

    /// The Space's own rules of what goes by LFS stay when the source has none: without them its large files break.
    private func keepAttributes(of old: TreeDraft, in draft: inout TreeDraft) {
        if draft[".gitattributes"] == nil { draft[".gitattributes"] = old[".gitattributes"] }
    }

    private mutating func placeCard(
        _ cards: CardSources, over old: TreeDraft, in draft: inout TreeDraft
    ) async throws(Failure) {
        if snapshot.promotion != nil { return try await placeOwnCard(cards, over: old, in: &draft) }
        // Broken front matter stays as it is: the preflight says so, beside all else that is wrong.
        if let source = cards.source, !Card.read(source).broken.isEmpty { return }
        let card = try CardComposition(
            target, cards, dockerfile: try await content(draft["Dockerfile"]?.blob),
            origin: snapshot.repository, completing: completed, missing: missingDockerfile,
            isNew: space == nil)
        kinds = SpaceKinds(old: cards.space.flatMap { Card.read($0).value(of: "sdk") }, new: card.sdk)
        keptKeys = card.keptKeys
        reasons.note("README.md", card.why)
        if cards.source == nil, cards.space == card.readme, try await leavesReadmeOut() {
            reasons.keep("README.md", "the Space's own, as the source's is left out: the Hub needs its card")
        }
        guard card.readme != cards.source else { return }
        let theirs = old["README.md"]?.blob
        let written =
            if card.readme == cards.space, let theirs { theirs } else {
                try await store.write(blob: card.readme)
            }
        draft["README.md"] = .entry(.file, written)
    }

    /// - Parameter keys: of the Space's card, that stay.
    mutating func settleKinds(_ kinds: SpaceKinds, keeping keys: [String]) {
        (self.kinds, keptKeys) = (kinds, keys)
    }

    /// Whether the source has a README that include or exclude leave out.
    private func leavesReadmeOut() async throws(Failure) -> Bool {
        let top = try await TreeDraft(opening: snapshot.commit.tree, in: store)
        return try await top.node(at: target.root.appending("README.md"), in: store)?.blob != nil
    }

    func content(_ blob: ObjectID?) async throws(Failure) -> [UInt8]? {
        if let blob { try await store.content(of: blob) } else { nil }
    }

    private mutating func keep(_ old: TreeDraft, in draft: inout TreeDraft) async throws(Failure) {
        guard !target.keep.isEmpty else { return }
        var kept = KeptPaths(target.keep)
        try await kept.collect(old, at: .root, in: store)
        for (path, node) in kept.nodes {
            try await draft.put(node, at: path, in: store)
            reasons.keep(path)
        }
    }

    private func plan(of changes: TreeChanges) -> Plan {
        let moves = changes.moves
        let changed = changes.files.map { file in
            var change = Change(path: file.path, kind: file.kind, why: reasons.why(file))
            if let place = moves[file.path] {
                (change.movedTo, change.why) = (place, "moved to \(place.shown)")
            }
            if file.kind != .removed, let goes = large?.reasons[file.path] {
                change.why += "; " + goes
                change.lfs = large?.files.byPointer[file.entry.id]?.pointer.size
            }
            return change
        }
        // A README of which only parts were kept may change as well.
        let paths = Set(changes.files.map(\.path))
        let kept = reasons.kept.filter { !paths.contains($0.key) }.sorted { $0.key < $1.key }.map {
            Change(path: $0, kind: .kept, why: $1)
        }
        return Plan(changes: changed + kept)
    }
}
