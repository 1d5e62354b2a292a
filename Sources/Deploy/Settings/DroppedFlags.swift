import DeploySettings
import SpacesModel
import TextTools

/// Settings that shaped the tree of the last deploy, were given to it as flags (trailer `Flags`), and
/// are not set now.
struct DroppedFlags: Hashable, Sendable {
    /// The keys in alphabetical order; empty unless the trailer names known keys.
    private(set) var keys: [String] = []

    /// Keys that determine which files are deployed, and from where.
    static let contentKeys = Set(SettingKey.all.filter(\.effect.selectsFiles).map(\.name))

    init() {}

    /// Compares with the last deploy. A promotion deploys another Space's tree, so no flag shapes it.
    init(_ target: Target, since baseline: DeployBaseline, _ source: SourceSnapshot) {
        self.init(target, since: source.promotion == nil ? baseline.lastDeploy : nil)
    }

    init(_ target: Target, since lastDeploy: Commit?) {
        guard let lastDeploy, lastDeploy.isDeploy, !target.pushesHistory,
            let trailer = Trailers(of: lastDeploy.message)[Self.trailer]
        else { return }
        let currentKeys = Set(target.resolvedSettings.map(\.key))
        let trailerKeys = Set(
            trailer.utf8.prefix(1_000).split(separator: UInt8(ascii: ",")).map { Array($0).text.trimmed })
        keys = trailerKeys.intersection(Self.contentKeys).subtracting(currentKeys).sorted()
    }

    static let trailer = "Flags"

    var isEmpty: Bool { keys.isEmpty }
    /// The keys as text: `add, include`.
    var names: String { keys.joined(separator: ", ") }

    /// Returns the keys that select files in one of these ways.
    func keys(_ selections: SettingKey.FileSelection...) -> [String] {
        keys.filter { key in selections.contains { SettingKey.named(key)?.effect == .files($0) } }
    }

    /// Returns the hints to set the dropped keys permanently: one line for all keys that a source
    /// settings file may set, one line for each other key.
    func hints(for target: Target) -> [String] {
        // A section that names its source is not in that source's repository, so `spacesync init`
        // cannot write there.
        guard target.source == nil else { return keys.map { "to set \($0): \($0) = VALUE in its section" } }
        let rows = keys.compactMap { SettingKey.named($0) }
        let sourceKeys = rows.filter { $0.privilege == .content }
        let flags = sourceKeys.map { $0.hasFlag ? "--\($0.name) VALUE" : "-c \($0.name)=VALUE" }
        let line = "spacesync init \(target.space) \(flags.joined(separator: " "))"
        let names = sourceKeys.map(\.name).joined(separator: ", ")
        return (names.isEmpty ? [] : ["to set \(names): \(line)"])
            + rows.filter { $0.privilege != .content }.map(\.name).map {
                "to set \($0): git config space.\(target.space).\($0) VALUE"
            }
    }

    /// Gives a dropped flag as the reason of the removals that it causes: the files that it selected would
    /// otherwise be removed silently. Files edited on the Space keep their own reasons.
    func explainRemovals(
        in draft: inout DeployDraft, _ target: Target, _ source: SourceSnapshot, _ objects: any ObjectDatabase
    ) async throws(DeployError) {
        guard !isEmpty, let reconciler = draft.reconciler, let lastDeploy = reconciler.base else { return }
        let edited = Set(reconciler.edits.map(\.path))
        let removedIndices = draft.plan.changes.indices.filter { index in
            let change = draft.plan.changes[index]
            return change.kind == .removed && change.movedTo == nil && !edited.contains(change.path)
        }
        guard !removedIndices.isEmpty else { return }
        let spaceTree = TreeReader(reconciler.head.tree, in: objects)
        let reasons = try await RemovalReasons(self, target, source, since: lastDeploy, in: objects)
        for index in removedIndices {
            let path = draft.plan.changes[index].path
            guard let file = try await spaceTree.node(at: path)?.file,
                let reason = try await reasons.reason(for: path, file)
            else { continue }
            draft.composition.plan.changes[index].why = reason
        }
    }

    /// Returns the warning about dropped flags, with its confirmation prompt; `nil` if no flag was dropped
    /// or no file changes.
    func warning(for deploy: PreparedDeploy, _ target: Target) -> GuardViolation? {
        guard !isEmpty, !deploy.plan.isEmpty, let lastDeploy = deploy.lastDeploy else { return nil }
        var warning = GuardViolation(
            message:
                "the last deploy (\(lastDeploy.id.short)) used flags that are not set now: \(names)",
            details: [], hints: hints(for: target), overrideHint: "to deploy without them",
            prompt: "Deploy \(target.space) without \(names)?")
        warning.declinedMessage =
            "\(target.space): a deploy without \(names) requires confirmation; nothing was changed"
        return warning
    }
}

/// The reasons for removals that dropped flags cause: which flag selected the file.
struct RemovalReasons: Sendable {
    private let flags: DroppedFlags
    private let root: Path
    private let source: TreeReader
    private let contents: ReachableObjects
    private let lastDeploy: Commit
    private let store: any ObjectDatabase
    /// The source's tree at the last deploy; `nil` if it is not in the store.
    private let pastSource: (tree: TreeReader, contents: ReachableObjects)?

    init(
        _ flags: DroppedFlags, _ target: Target, _ snapshot: SourceSnapshot, since lastDeploy: Commit,
        in store: any ObjectDatabase
    ) async throws(DeployError) {
        (self.flags, self.lastDeploy, self.store, root) = (flags, lastDeploy, store, target.root)
        source = TreeReader(snapshot.commit.tree, in: store)
        contents = try await ReachableObjects(of: snapshot.commit.tree, in: store)
        let id = Trailers(of: lastDeploy.message)["Source-Commit"].flatMap { ObjectID($0) }
        do throws(DeployError) {
            let tree = try await id.asyncMap { (id) async throws(DeployError) in
                try await store.commit(id).tree
            }
            pastSource = try await tree.asyncMap { (tree) async throws(DeployError) in
                (TreeReader(tree, in: store), try await ReachableObjects(of: tree, in: store))
            }
        } catch {
            guard error.kind != .interrupted else { throw error }
            pastSource = nil
        }
    }

    /// Returns the reason for a removal.
    /// - Parameter file: the file as it is on the Space.
    /// - Returns: `nil` if no dropped flag explains the removal.
    func reason(for path: Path, _ file: BlobVersion) async throws(DeployError) -> String? {
        let keys = try await keys(for: path, file)
        return keys.isEmpty ? nil : "no longer selected (\(keys.joined(separator: ", ")))"
    }

    private func keys(for path: Path, _ file: BlobVersion) async throws(DeployError) -> [String] {
        if path == "Dockerfile" {
            let dockerfileKeys = flags.keys(.dockerfile)
            if !dockerfileKeys.isEmpty { return dockerfileKeys }
        }
        let (patternKeys, locationKeys) = (flags.keys(.patterns), flags.keys(.locations))
        if try await containsFile(path, in: source) {
            return patternKeys.isEmpty ? locationKeys : patternKeys
        }
        if contents.contains(file.id) { return locationKeys.isEmpty ? patternKeys : locationKeys }
        return try await isFromWorkTree(path, file) ? flags.keys(.workTree) : []
    }

    private func containsFile(_ path: Path, in tree: TreeReader) async throws(DeployError) -> Bool {
        for candidate in [path, root.appending(inside: path)] {
            if try await tree.node(at: candidate)?.file != nil { return true }
        }
        return false
    }

    /// Returns whether the file came from the work tree by `add`: the trailer names it, or the source
    /// did not have it.
    private func isFromWorkTree(_ path: Path, _ file: BlobVersion) async throws(DeployError) -> Bool {
        let added = Trailers(of: lastDeploy.message).fields.filter { $0.key == "Source-Dirty" }
        guard !added.isEmpty else { return false }
        if added.contains(where: { Path(tidy: $0.value)?.contains(path) == true }) { return true }
        guard let pastSource, !pastSource.contents.contains(file.id) else { return false }
        return try await !containsFile(path, in: pastSource.tree)
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Result>(
        _ transform: (Wrapped) async throws(DeployError) -> Result
    ) async throws(DeployError) -> Result? {
        if let self { try await transform(self) } else { nil }
    }
}
