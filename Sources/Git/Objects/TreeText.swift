import Deploy

/// A tree object's content: `<octal mode> <name>\0<20 bytes>` for each entry
/// (<https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>).
enum TreeText {
    /// - Returns: nil when the bytes are no tree.
    static func entries(in bytes: [UInt8]) -> [TreeEntry]? {
        var (entries, rest): ([TreeEntry], ArraySlice<UInt8>) = ([], bytes[...])
        while !rest.isEmpty {
            guard let entry = entry(takenFrom: &rest) else { return nil }
            entries.append(entry)
        }
        return entries
    }

    private static func entry(takenFrom rest: inout ArraySlice<UInt8>) -> TreeEntry? {
        guard let space = rest.firstIndex(of: UInt8(ascii: " ")), let mode = octal(rest[..<space]),
            let end = rest[space...].firstIndex(of: 0), rest.endIndex - end > 20,
            let kind = EntryKind(mode: mode), let id = ObjectID(bytes: rest[(end + 1)...(end + 20)])
        else { return nil }
        let name = Path(bytes: Array(rest[(space + 1)..<end]))
        rest = rest[(end + 21)...]
        return TreeEntry(name: name, kind: kind, id: id)
    }

    private static func octal(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard (5...6).contains(digits.count) else { return nil }
        return digits.reduce(into: UInt32?(0)) { value, digit in
            guard let before = value, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else {
                return value = nil
            }
            value = before << 3 | UInt32(digit - UInt8(ascii: "0"))
        }
    }

    /// The content of a tree with these entries, which stand in any order.
    static func bytes(of entries: [TreeEntry]) -> [UInt8] {
        let sorted = entries.sorted { sortKey($0).lexicographicallyPrecedes(sortKey($1)) }
        var bytes: [UInt8] = []
        for entry in sorted {
            bytes += "\(String(entry.kind.rawValue, radix: 8)) ".utf8
            bytes += entry.name.bytes
            bytes.append(0)
            bytes += entry.id.bytes
        }
        return bytes
    }

    /// Git compares the names of trees as if they ended with a slash.
    private static func sortKey(_ entry: TreeEntry) -> [UInt8] {
        entry.kind == .tree ? entry.name.bytes + [UInt8(ascii: "/")] : entry.name.bytes
    }
}
