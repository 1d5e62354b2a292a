/// Edits made on the Space that a deploy took over (`drift = merge`), as its commit's `Merged` trailers tell them:
/// `Merged: ID PATH`, where ID is the source's own entry that the Space's stands for (zeros: none), with `:MODE` behind
/// it unless it is a plain file. The next deploy goes on keeping the Space's as long as the source's stays the same.
struct MergedPaths: Hashable, Sendable {
    struct Record: Hashable, Sendable {
        var path: Path
        var source: FileMark?
    }

    var records: [Record] = []

    init() {}

    init(of commit: Commit) {
        records = Trailers(of: commit.message).fields.filter { $0.key == "Merged" }.compactMap {
            Record($0.value)
        }
    }

    func write(to trailers: inout Trailers) {
        for record in records { trailers.add("Merged", record.text) }
    }
}

extension MergedPaths.Record {
    fileprivate init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        let mark = words[0].split(separator: ":", maxSplits: 1)
        guard let id = mark.first.flatMap({ ObjectID($0) }) else { return nil }
        let mode = mark.count == 2 ? UInt32(mark[1], radix: 8) : nil
        let kind = mode.flatMap { EntryKind(mode: $0) } ?? .file
        self.init(path: Path(quoted: words[1]), source: id.isZero ? nil : FileMark(kind: kind, id: id))
    }

    fileprivate var text: String {
        let mode = source.map { $0.kind == .file ? "" : ":" + String($0.kind.rawValue, radix: 8) } ?? ""
        return "\(source?.id ?? .zero)\(mode) \(path.quoted)"
    }
}
