import SpacesModel
import TextTools

/// Sets what both sides did to one file beside each other.
struct ThreeWayMerger: Sendable {
    /// Brings blobs of the Space, those of earlier deploys too.
    let fetchBlobs: @Sendable ([ObjectID]) async throws(DeployError) -> Void
    let content: @Sendable (ObjectID) async throws(DeployError) -> [UInt8]
    let merge: TextMerge
    /// Whether the source held a file, as the Space has it now, since the last deploy.
    let wasInSource: @Sendable (BlobVersion?, Path) async throws(DeployError) -> Bool
    /// The source's own READMEs.
    let readmes: @Sendable () async throws(DeployError) -> SourceReadmes
    /// Those of the source's commits since the last deploy.
    let readmesSince: @Sendable () async throws(DeployError) -> [SourceReadme]

    typealias TextMerge =
        @Sendable (
            _ ours: [UInt8], _ theirs: [UInt8], _ base: [UInt8]
        ) async throws(DeployError) -> [UInt8]?

    /// Reads no file unless both sides changed its text.
    func outcome(of edit: ThreeWayEntry, at path: Path) async throws(DeployError) -> ThreeWayEntry.Outcome {
        let outcome = try await mergeByLines(edit, at: path)
        guard outcome != .alreadyApplied, try await wasInSource(edit.space, path) else { return outcome }
        return .alreadyApplied
    }

    /// Whether the Space's edit of a `.gitattributes` sends more files by LFS, and does nothing else: the Hub and its client
    /// write such lines of their own accord, and a deploy writes what its files need.
    func addsLargeFilesOnly(_ edit: ThreeWayEntry, at path: Path) async throws(DeployError) -> Bool {
        guard path.name == ".gitattributes", let space = edit.space, space.isRegular else { return false }
        try await fetchBlobs([space.id])
        if let base = edit.base, try await !isAvailable(base.id) { return false }
        let was = if let base = edit.base { try await content(base.id) } else { [] as [UInt8] }
        var old = was.split(separator: .newline)[...]
        for line in try await content(space.id).split(separator: .newline) {
            if line == old.first {
                old.removeFirst()
            } else if !line.whitespaceSeparated.contains(where: { $0.elementsEqual("filter=lfs".utf8) }) {
                return false
            }
        }
        return old.isEmpty
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

    /// What an earlier deploy held is not had from every server; without it nothing can be told.
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
        let (was, mine) = (try await content(base.id), try await content(source.id))
        let theirs = try await content(space.id)
        var text = mine
        if mine == was {
            text = theirs
        } else if theirs != was, mine != theirs {
            guard let both = try await merge(mine, theirs, was) else { return .conflict }
            text = both
        }
        return text == mine && kind == source.kind ? .alreadyApplied : .merged(kind, text)
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
