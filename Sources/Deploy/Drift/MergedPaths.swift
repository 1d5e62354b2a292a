/// Edits made on the Space that a deploy took over (`drift = merge`), as its commit's `Merged` trailers tell them:
/// `Merged: ID PATH`, where ID is the source's own entry that the Space's stands for (zeros: none). The next deploy
/// goes on keeping the Space's as long as the source's stays the same.
struct MergedPaths: Hashable, Sendable {
    struct Record: Hashable, Sendable {
        var path: Path
        var source: ObjectID?
    }

    var records: [Record] = []

    init() {}

    init(of commit: Commit) {
        records = Trailers(of: commit.message).fields.compactMap { field in
            guard field.key == "Merged" else { return nil }
            let words = field.value.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let id = ObjectID(words[0]) else { return nil }
            return Record(path: Path(words[1]), source: id.isZero ? nil : id)
        }
    }

    func write(to trailers: inout Trailers) {
        for record in records { trailers.add("Merged", "\(record.source ?? .zero) \(record.path)") }
    }
}
