import SpacesModel

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
