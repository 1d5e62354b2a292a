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
    init(
        _ store: some ObjectDatabase, bringing space: some SpaceRepository,
        sourceHistory: SourceHistory<some ObjectDatabase>
    ) {
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
