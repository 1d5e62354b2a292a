import DeploySettings
import SpacesModel
import TextTools

/// Settings that shaped the tree of the last deploy, were given to it as flags (trailer `Flags`), and are set nowhere now.
struct DroppedFlags: Hashable, Sendable {
    /// Their keys, in alphabetical order; none unless the trailer names keys of ours.
    private(set) var keys: [String] = []

    /// Keys that decide which files are deployed, and from where.
    static let contentKeys: Set<String> = [
        "include", "exclude", "root", "map", "add", "image", "dockerfile", "template", "keep",
    ]

    init() {}

    init(_ target: Target, since lastDeploy: Commit?) {
        guard let lastDeploy, lastDeploy.isDeploy, !target.pushesHistory,
            let trailer = Trailers(of: lastDeploy.message)[Self.trailer]
        else { return }
        let present = Set(target.resolvedSettings.map(\.key))
        let named = Set(
            trailer.utf8.prefix(1_000).split(separator: UInt8(ascii: ",")).map { Array($0).text.trimmed })
        keys = named.intersection(Self.contentKeys).subtracting(present).sorted()
    }

    static let trailer = "Flags"

    var isEmpty: Bool { keys.isEmpty }
    /// `add, include`
    var names: String { keys.joined(separator: ", ") }

    /// The lines that keep them: one for all that a source settings file may set, one for each of the others.
    func hints(for target: Target) -> [String] {
        // A section that names its source is not in that repository.
        guard target.source == nil else { return keys.map { "to set \($0): \($0) = VALUE in its section" } }
        let operators = keys.filter { SettingKey.named($0)?.privilege == .operational }
        let others = keys.filter { !operators.contains($0) }
        let flags = others.map { ["template", "keep"].contains($0) ? "-c \($0)=VALUE" : "--\($0) VALUE" }
        let line = "spacesync init \(target.space) \(flags.joined(separator: " "))"
        return (others.isEmpty ? [] : ["to set \(others.joined(separator: ", ")): \(line)"])
            + operators.map { "to set \($0): git config space.\(target.space).\($0) VALUE" }
    }
}

extension Target {
    /// Keys that shape the tree and were given as flags, in alphabetical order.
    var contentFlags: [String] {
        let given = resolvedSettings.filter { if case .flag = $0.origin { true } else { false } }
        return DroppedFlags.contentKeys.intersection(given.map(\.key)).sorted()
    }
}

/// Finds out which of the flags that went away selected a file that a deploy now removes.
struct RemovalReasons<Store: ObjectDatabase>: Sendable {
    private let flags: DroppedFlags
    private let root: Path
    private let source: TreeReader<Store>
    private let contents: ReachableObjects
    private let last: Commit
    private let store: Store
    /// The source's tree at the last deploy; `nil` if it is not at hand.
    private let past: (tree: TreeReader<Store>, contents: ReachableObjects)?

    init(
        _ flags: DroppedFlags, _ target: Target, _ snapshot: SourceSnapshot, since last: Commit,
        in store: Store
    ) async throws(DeployError) {
        (self.flags, self.last, self.store, root) = (flags, last, store, target.root)
        source = TreeReader(snapshot.commit.tree, in: store)
        contents = try await ReachableObjects(of: snapshot.commit.tree, in: store)
        let id = Trailers(of: last.message)["Source-Commit"].flatMap { ObjectID($0) }
        do throws(DeployError) {
            let tree = try await id.asyncMap { (id) async throws(DeployError) in
                try await store.commit(id).tree
            }
            past = try await tree.asyncMap { (tree) async throws(DeployError) in
                (TreeReader(tree, in: store), try await ReachableObjects(of: tree, in: store))
            }
        } catch {
            guard error.kind != .interrupted else { throw error }
            past = nil
        }
    }

    /// - Parameter file: as the Space has it.
    /// - Returns: `nil` if no flag that went away explains the removal.
    func reason(for path: Path, _ file: BlobVersion) async throws(DeployError) -> String? {
        let keys = try await keys(for: path, file).filter(flags.keys.contains)
        return keys.isEmpty ? nil : "not selected any more (\(keys.joined(separator: ", ")))"
    }

    private func keys(for path: Path, _ file: BlobVersion) async throws(DeployError) -> [String] {
        if path == "Dockerfile" {
            let writers = ["dockerfile", "image", "template"].filter(flags.keys.contains)
            if !writers.isEmpty { return writers }
        }
        let (selecting, placing) = (["exclude", "include"], ["map", "root"])
        if try await containsFile(path, in: source) {
            return flags.keys.contains(where: selecting.contains) ? selecting : placing
        }
        if contents.contains(file.id) {
            return flags.keys.contains(where: placing.contains) ? placing : selecting
        }
        return try await isFromWorkTree(path, file) ? ["add"] : []
    }

    private func containsFile(_ path: Path, in tree: TreeReader<Store>) async throws(DeployError) -> Bool {
        for place in [path, root.appending(inside: path)] {
            if try await tree.node(at: place)?.file != nil { return true }
        }
        return false
    }

    /// Whether `add` took the file: its trailer names it, or the source did not have it.
    private func isFromWorkTree(_ path: Path, _ file: BlobVersion) async throws(DeployError) -> Bool {
        let added = Trailers(of: last.message).fields.filter { $0.key == "Source-Dirty" }
        guard !added.isEmpty else { return false }
        if added.contains(where: { Path(tidy: $0.value)?.contains(path) == true }) { return true }
        guard let past, !past.contents.contains(file.id) else { return false }
        return try await !containsFile(path, in: past.tree)
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Result>(
        _ transform: (Wrapped) async throws(DeployError) -> Result
    ) async throws(DeployError) -> Result? {
        if let self { try await transform(self) } else { nil }
    }
}
