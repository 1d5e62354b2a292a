import SpacesModel

/// A tree object's content: `<octal mode> <name>\0<20 bytes>` for each entry
/// (<https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>).
enum TreeCodec {
    /// Why bytes are no tree.
    struct ParseError: Error, Hashable {
        /// The entry that is wrong; nil for bytes that are no entry.
        var name: Path?
        var reason: String
    }

    /// - Returns: nil when the bytes are no tree.
    static func entries(in bytes: [UInt8]) -> [TreeEntry]? { try? read(bytes).entries }

    /// - Returns: the entries, and whether a mode is not written as Git writes it (`0100644`, `100664`).
    static func read(_ bytes: [UInt8]) throws(ParseError) -> (entries: [TreeEntry], isOdd: Bool) {
        var (entries, rest, isOdd): ([TreeEntry], ArraySlice<UInt8>, Bool) = ([], bytes[...], false)
        while !rest.isEmpty { entries.append(try entry(takenFrom: &rest, &isOdd)) }
        return (entries, isOdd)
    }

    private static func entry(
        takenFrom remaining: inout ArraySlice<UInt8>, _ isOdd: inout Bool
    ) throws(ParseError) -> TreeEntry {
        guard let space = remaining.prefix(maxModeLength + 1).firstIndex(of: UInt8(ascii: " ")),
            let mode = octal(remaining[..<space]), let end = remaining[space...].firstIndex(of: 0),
            remaining.endIndex - end > 20, let id = ObjectID(bytes: remaining[(end + 1)...(end + 20)])
        else { throw ParseError(name: nil, reason: "its bytes are no tree") }
        let name = Path(bytes: Array(remaining[(space + 1)..<end]))
        guard let kind = EntryKind(mode: mode) else {
            let digits = String(decoding: remaining[..<space], as: UTF8.self)
            throw ParseError(name: name, reason: "has the mode \(digits), which no clone can store")
        }
        if mode != kind.rawValue || remaining.first == UInt8(ascii: "0") { isOdd = true }
        remaining = remaining[(end + 21)...]
        return TreeEntry(name: name, kind: kind, id: id)
    }

    /// Digits of a mode. Git writes five or six, and reads more: old tools wrote zeros in front.
    private static let maxModeLength = 11

    private static func octal(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard !digits.isEmpty else { return nil }
        let value = digits.reduce(into: UInt64?(0)) { value, digit in
            guard let before = value, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else {
                return value = nil
            }
            value = before << 3 | UInt64(digit - UInt8(ascii: "0"))
        }
        return value.flatMap { UInt32(exactly: $0) }
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
