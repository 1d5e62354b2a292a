import DeploySettings
import SpacesModel
import TextTools

/// A three-way merge of single files of the source and the Space.
struct ThreeWayMerger: Sendable {
    /// Fetches blobs of the Space, including those of earlier deploys.
    let fetchBlobs: @Sendable ([ObjectID]) async throws(DeployError) -> Void
    let content: @Sendable (ObjectID) async throws(DeployError) -> [UInt8]
    let merge: TextMerge
    /// Returns whether the Space's version of a file occurred in the source since the last deploy.
    let wasInSource: @Sendable (BlobVersion?, Path) async throws(DeployError) -> Bool
    /// Returns the source's READMEs, now and at the last deploy.
    let readmes: @Sendable () async throws(DeployError) -> SourceReadmes
    /// Returns the READMEs of the source's commits since the last deploy.
    let readmesSince: @Sendable () async throws(DeployError) -> [SourceReadme]

    typealias TextMerge =
        @Sendable (
            _ ours: [UInt8], _ theirs: [UInt8], _ base: [UInt8]
        ) async throws(DeployError) -> [UInt8]?

    /// Merges the Space's edit into the source's file. Reads files only if both sides changed the file.
    func outcome(of edit: ThreeWayEntry, at path: Path) async throws(DeployError) -> ThreeWayEntry.Outcome {
        let outcome = try await mergeByLines(edit, at: path)
        guard outcome != .alreadyApplied, try await wasInSource(edit.space, path) else { return outcome }
        return .alreadyApplied
    }

    /// Whether the Space's edit of a `.gitattributes` only adds `filter=lfs` lines. The Hub and its
    /// client add such lines by themselves, and a deploy writes the lines that its files need.
    func addsLargeFilesOnly(_ edit: ThreeWayEntry, at path: Path) async throws(DeployError) -> Bool {
        guard path.name == ".gitattributes", let space = edit.space, space.isRegular else { return false }
        try await fetchBlobs([space.id])
        if let base = edit.base, try await !isAvailable(base.id) { return false }
        let baseContent = if let base = edit.base { try await content(base.id) } else { [] as [UInt8] }
        var remainingLines = baseContent.split(separator: .newline)[...]
        for line in try await content(space.id).split(separator: .newline) {
            if line == remainingLines.first {
                remainingLines.removeFirst()
            } else if !line.whitespaceSeparated.contains(where: { $0.elementsEqual("filter=lfs".utf8) }) {
                return false
            }
        }
        return remainingLines.isEmpty
    }

    private func mergeByLines(_ edit: ThreeWayEntry, at path: Path) async throws(DeployError)
        -> ThreeWayEntry.Outcome
    {
        guard edit.source != edit.space else { return .alreadyApplied }
        guard let base = edit.base, let source = edit.source, let space = edit.space,
            [base, source, space].allSatisfy(\.isRegular)
        else { return .conflict }
        let kind = space.kind == base.kind ? source.kind : space.kind
        try await fetchBlobs([space.id])
        guard try await isAvailable(base.id) else { return .conflict }
        return try await mergeContents(base, source, space, kind)
    }

    /// Whether a blob of an earlier deploy is available: not every server sends it, and without it the
    /// file cannot be merged.
    func isAvailable(_ base: ObjectID) async throws(DeployError) -> Bool {
        do throws(DeployError) {
            try await fetchBlobs([base])
            return true
        } catch {
            guard ![.interrupted, .permissionDenied].contains(error.kind) else { throw error }
            return false
        }
    }

    private func mergeContents(
        _ base: BlobVersion, _ source: BlobVersion, _ space: BlobVersion, _ kind: EntryKind
    ) async throws(DeployError) -> ThreeWayEntry.Outcome {
        let (baseText, sourceText) = (try await content(base.id), try await content(source.id))
        let spaceText = try await content(space.id)
        var text = sourceText
        if sourceText == baseText {
            text = spaceText
        } else if spaceText != baseText, sourceText != spaceText {
            guard let merged = try await merge(sourceText, spaceText, baseText) else { return .conflict }
            text = merged
        }
        return text == sourceText && kind == source.kind ? .alreadyApplied : .merged(kind, text)
    }
}

extension ThreeWayMerger {
    /// Creates a merger of the source and the Space.
    /// - Parameter lastDeploy: the deploy since which the source's history is searched.
    init(
        _ target: Target, _ environment: DeployEnvironment, _ source: SourceSnapshot,
        since lastDeploy: Commit?
    ) {
        let (store, space) = (environment.objects, environment.space)
        let sourceHistory = SourceHistory(
            target: target, snapshot: source, lastDeploy: lastDeploy, store: store)
        self.init(
            fetchBlobs: { (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) },
            content: { (blob) async throws(DeployError) in try await store.content(of: blob) },
            merge: { (ours, theirs, base) async throws(DeployError) in
                try await store.merged(ours, theirs, from: base)
            },
            wasInSource: { (file, path) async throws(DeployError) in
                try await sourceHistory.hadVersion(file, at: path)
            },
            readmes: { () async throws(DeployError) in try await sourceHistory.readmes() },
            readmesSince: { () async throws(DeployError) in try await sourceHistory.readmesSince() })
    }
}

/// One file in the three trees of a merge: merge base, source and Space. Each version is `nil` if the
/// file does not exist there.
struct ThreeWayEntry: Hashable, Sendable {
    var base: BlobVersion?
    /// The version that a deploy would send.
    var source: BlobVersion?
    var space: BlobVersion?

    enum Outcome: Hashable, Sendable {
        /// The source already contains the Space's edit.
        case alreadyApplied
        /// The merged file with the edits of both sides.
        case merged(EntryKind, [UInt8])
        /// Both sides changed the same lines, or a file that has no lines.
        case conflict
    }

    /// The kind of change made on the Space.
    var kind: Change.Kind { space == nil ? .removed : base == nil ? .added : .updated }
    var isChangedInSource: Bool { source != base }
    /// Whether the file was changed on the Space and a deploy would send another version.
    var isOpen: Bool { source != space && base != space }
}

/// The version of a file: its blob and its mode, without its name.
struct BlobVersion: Hashable, Sendable {
    var kind: EntryKind
    var id: ObjectID

    var isRegular: Bool { kind == .file || kind == .executable }
}

extension TreeBuilder.Node {
    /// The version of a file; `nil` for a directory.
    var file: BlobVersion? {
        if case .entry(let kind, let id) = self, kind != .tree {
            BlobVersion(kind: kind, id: id)
        } else {
            nil
        }
    }
}

/// The edits made on the Space that a deploy preserved (`drift = merge`), as recorded in the `Merged`
/// trailers of its commit: `Merged: ID PATH`, where ID is the source's entry that the Space's version
/// replaces (zeros if there is none), followed by `:MODE` unless it is a regular file. Later deploys
/// preserve the Space's version as long as the source's entry stays the same.
/// If only parts of a README were preserved, there is a `Merged-Readme: FINGERPRINT KEY` for each key
/// of the card, without KEY for the text below the card. The fingerprint is of the part that the deploy
/// would have sent; `Merged` then names the source's own README.
struct MergedEdits: Hashable, Sendable {
    struct Record: Hashable, Sendable {
        var path: Path
        var source: BlobVersion?
    }

    var records: [Record] = []
    /// The preserved parts of the README; empty if the whole file was preserved.
    var readme: [ReadmePart: String] = [:]

    init() {}

    init(of commit: Commit) {
        let fields = Trailers(of: commit.message).fields
        records = fields.filter { $0.key == "Merged" }.compactMap { Record($0.value) }
        for field in fields where field.key == "Merged-Readme" {
            let parts = field.value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let fingerprint = parts.first, !fingerprint.isEmpty else { continue }
            readme[parts.count == 2 ? .key(String(parts[1])) : .text] = String(fingerprint)
        }
    }

    func write(to trailers: inout Trailers) {
        for record in records { trailers.add("Merged", record.text) }
        for (part, fingerprint) in readme.sorted(by: { $0.key.trailerText < $1.key.trailerText }) {
            trailers.add("Merged-Readme", fingerprint + part.trailerText)
        }
    }

    /// Returns the edits that a rollback preserves: its own, and at other paths those of the deploy
    /// that it restores.
    func adding(_ earlier: MergedEdits) -> MergedEdits {
        var combined = self
        let newPaths = Set(records.map(\.path))
        combined.records = earlier.records.filter { !newPaths.contains($0.path) } + records
        // A README that was preserved as a whole has no parts.
        let isWhole = newPaths.contains("README.md") && readme.isEmpty
        if !isWhole { combined.readme.merge(earlier.readme) { now, _ in now } }
        return combined
    }
}

extension ReadmePart {
    fileprivate var trailerText: String {
        if case .key(let key) = self { " \(key)" } else { "" }
    }
}

extension MergedEdits.Record {
    fileprivate init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let idAndMode = parts[0].split(separator: ":", maxSplits: 1)
        guard let id = idAndMode.first.flatMap({ ObjectID($0) }) else { return nil }
        let mode = idAndMode.count == 2 ? UInt32(idAndMode[1], radix: 8) : nil
        let kind = mode.flatMap { EntryKind(mode: $0) } ?? .file
        self.init(path: Path(quoted: parts[1]), source: id.isZero ? nil : BlobVersion(kind: kind, id: id))
    }

    fileprivate var text: String {
        let mode = source.map { $0.kind == .file ? "" : ":" + String($0.kind.rawValue, radix: 8) } ?? ""
        return "\(source?.id ?? .zero)\(mode) \(path.quoted)"
    }
}
