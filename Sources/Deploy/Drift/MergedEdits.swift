import SpacesModel

/// Edits made on the Space that a deploy took over (`drift = merge`), as its commit's `Merged` trailers tell them:
/// `Merged: ID PATH`, where ID is the source's own entry that the Space's stands for (zeros: none), with `:MODE` behind
/// it unless it is a plain file. The next deploy goes on keeping the Space's as long as the source's stays the same.
/// Of a README only parts may have been kept: `Merged-Readme: FINGERPRINT KEY` for a key of the card, without KEY for the
/// text below it. The fingerprint is of what the deploy would have sent; `Merged` names the source's own README then.
struct MergedEdits: Hashable, Sendable {
    struct Record: Hashable, Sendable {
        var path: Path
        var source: BlobVersion?
    }

    var records: [Record] = []
    /// Parts of the README that were kept; none if the whole file was.
    var readme: [ReadmePart: String] = [:]

    init() {}

    init(of commit: Commit) {
        let fields = Trailers(of: commit.message).fields
        records = fields.filter { $0.key == "Merged" }.compactMap { Record($0.value) }
        for field in fields where field.key == "Merged-Readme" {
            let words = field.value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let fingerprint = words.first, !fingerprint.isEmpty else { continue }
            readme[words.count == 2 ? .key(String(words[1])) : .text] = String(fingerprint)
        }
    }

    func write(to trailers: inout Trailers) {
        for record in records { trailers.add("Merged", record.text) }
        for (part, fingerprint) in readme.sorted(by: { $0.key.trailerText < $1.key.trailerText }) {
            trailers.add("Merged-Readme", fingerprint + part.trailerText)
        }
    }

    /// What a rollback keeps: what it kept itself, and what the deploy it returns to kept elsewhere.
    func adding(_ earlier: MergedEdits) -> MergedEdits {
        var all = self
        let new = Set(records.map(\.path))
        all.records = earlier.records.filter { !new.contains($0.path) } + records
        // A README that was kept as a whole has no parts.
        let isWhole = new.contains("README.md") && readme.isEmpty
        if !isWhole { all.readme.merge(earlier.readme) { now, _ in now } }
        return all
    }
}

extension ReadmePart {
    fileprivate var trailerText: String {
        if case .key(let key) = self { " \(key)" } else { "" }
    }
}

extension MergedEdits.Record {
    fileprivate init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        let mark = words[0].split(separator: ":", maxSplits: 1)
        guard let id = mark.first.flatMap({ ObjectID($0) }) else { return nil }
        let mode = mark.count == 2 ? UInt32(mark[1], radix: 8) : nil
        let kind = mode.flatMap { EntryKind(mode: $0) } ?? .file
        self.init(path: Path(quoted: words[1]), source: id.isZero ? nil : BlobVersion(kind: kind, id: id))
    }

    fileprivate var text: String {
        let mode = source.map { $0.kind == .file ? "" : ":" + String($0.kind.rawValue, radix: 8) } ?? ""
        return "\(source?.id ?? .zero)\(mode) \(path.quoted)"
    }
}
