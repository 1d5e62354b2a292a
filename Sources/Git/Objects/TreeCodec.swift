import SpacesModel
import TextTools

/// Serialises and parses tree objects: `<octal mode> <name>\0<20 bytes>` for each entry
/// (<https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>).
enum TreeCodec {
    /// The reason why bytes are not a valid tree.
    private struct ParseError: Error {
        /// The invalid entry; `nil` if the bytes have no entry format at all.
        var name: Path?
        var reason: String
    }

    /// Parses a tree object.
    /// - Returns: `nil` if the bytes are not a tree.
    static func entries(in bytes: [UInt8]) -> [TreeEntry]? { try? read(bytes, of: .zero).entries }

    /// Parses a tree object.
    /// - Parameter tree: its id, for error messages.
    /// - Returns: the entries, and whether a mode is written differently from Git's format
    ///   (`0100644`, `100664`).
    static func read(
        _ bytes: [UInt8], of tree: ObjectID
    ) throws(GitError) -> (entries: [TreeEntry], isOdd: Bool) {
        var (entries, remaining, isOdd): ([TreeEntry], ArraySlice<UInt8>, Bool) = ([], bytes[...], false)
        do throws(ParseError) {
            while !remaining.isEmpty { entries.append(try entry(takenFrom: &remaining, &isOdd)) }
        } catch {
            let entry = error.name.map { "the entry \($0.shown) " } ?? ""
            throw GitError(call: "tree", code: -1, message: "\(entry)\(error.reason) (tree \(tree))")
        }
        return (entries, isOdd)
    }

    private static func entry(
        takenFrom remaining: inout ArraySlice<UInt8>, _ isOdd: inout Bool
    ) throws(ParseError) -> TreeEntry {
        guard let space = remaining.prefix(maxModeLength + 1).firstIndex(of: UInt8(ascii: " ")),
            let mode = octal(remaining[..<space]), let end = remaining[space...].firstIndex(of: 0),
            remaining.endIndex - end > 20, let id = ObjectID(bytes: remaining[(end + 1)...(end + 20)])
        else { throw ParseError(name: nil, reason: "its bytes are not a valid tree") }
        let name = Path(bytes: Array(remaining[(space + 1)..<end]))
        guard let kind = EntryKind(mode: mode) else {
            let digits = String(decoding: remaining[..<space], as: UTF8.self)
            throw ParseError(name: name, reason: "has the mode \(digits), which Git does not support")
        }
        if mode != kind.rawValue || remaining.first == UInt8(ascii: "0") { isOdd = true }
        remaining = remaining[(end + 21)...]
        return TreeEntry(name: name, kind: kind, id: id)
    }

    /// The maximum number of digits of a mode. Git writes five or six but reads more, as old tools
    /// wrote leading zeros.
    private static let maxModeLength = 11

    private static func octal(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard !digits.isEmpty else { return nil }
        let value = digits.reduce(into: UInt64?(0)) { value, digit in
            guard let previous = value, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else {
                return value = nil
            }
            value = previous << 3 | UInt64(digit - UInt8(ascii: "0"))
        }
        return value.flatMap { UInt32(exactly: $0) }
    }

    /// Returns the entries in the order of a tree object.
    static func sorted(_ entries: [TreeEntry]) -> [TreeEntry] {
        entries.sorted { sortKey($0).lexicographicallyPrecedes(sortKey($1)) }
    }

    /// Returns the content of a tree object with these entries, which must be in its order.
    static func bytes(of entries: [TreeEntry]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += "\(String(entry.kind.rawValue, radix: 8)) ".utf8
            bytes += entry.name.bytes
            bytes.append(0)
            bytes += entry.id.bytes
        }
        return bytes
    }

    /// Returns the sort key of an entry: Git compares the names of trees as if they ended with a
    /// slash.
    private static func sortKey(_ entry: TreeEntry) -> [UInt8] {
        entry.kind == .tree ? entry.name.bytes + [UInt8(ascii: "/")] : entry.name.bytes
    }
}

/// A cache of parsed tree objects. A run reads each tree once, although selection, scan and diff
/// all use it, and does not read the trees that it wrote. Entries never expire, since a tree's id
/// is the hash of its content.
struct TreeCache: Sendable {
    private var trees: [ObjectID: [TreeEntry]] = [:]
    /// The number of tree entries that may still be cached, at about 100 bytes each.
    private var remainingCapacity = 1_000_000
    /// The number of trees that were read from the database.
    private(set) var reads = 0

    /// Trees that Git would serialise differently.
    private(set) var nonCanonical: Set<ObjectID> = []
    /// Trees that directly contain a submodule.
    private(set) var withSubmodules: Set<ObjectID> = []

    subscript(tree: ObjectID) -> [TreeEntry]? { trees[tree] }

    /// Adds a tree that was read.
    /// - Parameter isOdd: whether Git would serialise it differently.
    mutating func insertRead(_ entries: [TreeEntry], of tree: ObjectID, isOdd: Bool) {
        reads += 1
        if isOdd { nonCanonical.insert(tree) }
        insert(entries, of: tree)
    }

    /// Adds a tree, with its entries in Git's order.
    mutating func insert(_ entries: [TreeEntry], of tree: ObjectID) {
        guard trees[tree] == nil else { return }
        if entries.contains(where: { $0.kind == .submodule }) { withSubmodules.insert(tree) }
        guard entries.count <= remainingCapacity else { return }
        remainingCapacity -= entries.count
        trees[tree] = entries
    }
}
