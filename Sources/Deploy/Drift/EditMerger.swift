import SpacesModel
import TextTools

/// Sets what both sides did to one file beside each other.
struct EditMerger: Sendable {
    /// Brings blobs of the Space, those of earlier deploys too.
    let bring: @Sendable ([ObjectID]) async throws(Failure) -> Void
    let content: @Sendable (ObjectID) async throws(Failure) -> [UInt8]
    let merge: TextMerge
    /// Whether the source held a file, as the Space has it now, since the last deploy.
    let wasHome: @Sendable (FileMark?, Path) async throws(Failure) -> Bool
    /// The source's own READMEs.
    let readmes: @Sendable () async throws(Failure) -> SourceReadmes
    /// Those of the source's commits since the last deploy.
    let readmesSince: @Sendable () async throws(Failure) -> [SourceReadme]

    typealias TextMerge =
        @Sendable (
            _ ours: [UInt8], _ theirs: [UInt8], _ base: [UInt8]
        ) async throws(Failure) -> [UInt8]?

    /// Reads no file unless both sides changed its text.
    func outcome(of edit: ThreeWay, at path: Path) async throws(Failure) -> ThreeWay.Outcome {
        let outcome = try await linewise(edit, at: path)
        guard outcome != .held, try await wasHome(edit.space, path) else { return outcome }
        return .held
    }

    /// Whether the Space's edit of a `.gitattributes` sends more files by LFS, and does nothing else: the Hub and its client
    /// write such lines of their own accord, and a deploy writes what its files need.
    func addsLargeFilesOnly(_ edit: ThreeWay, at path: Path) async throws(Failure) -> Bool {
        guard path.name == ".gitattributes", let space = edit.space, space.isRegular else { return false }
        try await bring([space.id])
        if let base = edit.base, try await !isAtHand(base.id) { return false }
        let was = if let base = edit.base { try await content(base.id) } else { [] as [UInt8] }
        var old = was.split(separator: .newline)[...]
        for line in try await content(space.id).split(separator: .newline) {
            if line == old.first {
                old.removeFirst()
            } else if !line.spaced.contains(where: { $0.elementsEqual("filter=lfs".utf8) }) {
                return false
            }
        }
        return old.isEmpty
    }

    private func linewise(_ edit: ThreeWay, at path: Path) async throws(Failure) -> ThreeWay.Outcome {
        guard edit.source != edit.space else { return .held }
        guard let base = edit.base, let source = edit.source, let space = edit.space,
            [base, source, space].allSatisfy(\.isRegular)
        else { return .conflict }
        let kind = space.kind == base.kind ? source.kind : space.kind
        try await bring([space.id])
        guard try await isAtHand(base.id) else { return .conflict }
        return try await outcome(base, source, space, kind)
    }

    /// What an earlier deploy held is not had from every server; without it nothing can be told.
    func isAtHand(_ base: ObjectID) async throws(Failure) -> Bool {
        do throws(Failure) {
            try await bring([base])
            return true
        } catch {
            guard ![.interrupted, .notAllowed].contains(error.kind) else { throw error }
            return false
        }
    }

    private func outcome(
        _ base: FileMark, _ source: FileMark, _ space: FileMark, _ kind: EntryKind
    ) async throws(Failure) -> ThreeWay.Outcome {
        let (was, mine) = (try await content(base.id), try await content(source.id))
        let theirs = try await content(space.id)
        var text = mine
        if mine == was {
            text = theirs
        } else if theirs != was, mine != theirs {
            guard let both = try await merge(mine, theirs, was) else { return .conflict }
            text = both
        }
        return text == mine && kind == source.kind ? .held : .merged(kind, text)
    }
}

extension EditMerger {
    init(
        _ store: some ObjectStoring & TextMerging & HistoryReading, bringing space: some SpaceWriting,
        past: SourcePast<some ObjectStoring & HistoryReading>
    ) {
        self.init(
            bring: { (blobs) async throws(Failure) in try await space.bring(blobs) },
            content: { (blob) async throws(Failure) in try await store.content(of: blob) },
            merge: { (ours, theirs, base) async throws(Failure) in
                try await store.merged(ours, theirs, from: base)
            },
            wasHome: { (file, path) async throws(Failure) in try await past.held(file, at: path) },
            readmes: { () async throws(Failure) in try await past.readmes() },
            readmesSince: { () async throws(Failure) in try await past.readmesSince() })
    }
}
