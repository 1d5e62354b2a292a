import Essentials
import SpacesModel
import TextTools

/// A commit object's content, both ways.
enum CommitCodec {
    /// The content of a commit, as `git fsck --strict` accepts it: names, addresses, times and the message lose what
    /// would break its lines, or that no calendar has.
    static func bytes(of draft: CommitDraft) -> [UInt8] {
        var lines = ["tree \(draft.tree)"]
        lines += draft.parents.map { "parent \($0)" }
        let committer = draft.committer.withinCalendar(or: 0)
        let author = draft.author.withinCalendar(or: committer.time)
        lines += ["author \(line(author))", "committer \(line(committer))", "", message(draft.message)]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// - Returns: nil when the bytes are no commit.
    static func commit(_ id: ObjectID, in bytes: [UInt8]) -> Commit? {
        let (headers, body) = parts(of: bytes)
        func header(_ name: String) -> ArraySlice<UInt8>? {
            headers.first { $0.name.elementsEqual(name.utf8) }?.value
        }
        func identifiers(_ name: String) -> [ObjectID] {
            headers.filter { $0.name.elementsEqual(name.utf8) }.compactMap {
                ObjectID(String(decoding: $0.value, as: UTF8.self))
            }
        }
        let encoding = header("encoding").map { String(decoding: $0, as: UTF8.self) }
        guard let tree = identifiers("tree").first, let author = header("author") else { return nil }
        var commit = Commit(
            id: id, tree: tree, parents: identifiers("parent"),
            author: signature(TextEncoding.decoded(author, from: encoding)),
            message: TextEncoding.decoded(body, from: encoding))
        commit.commitTime = header("committer").map { signature(String(decoding: $0, as: UTF8.self)).time }
        return commit
    }

    private typealias Header = (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)

    private static func parts(of bytes: [UInt8]) -> (headers: [Header], body: ArraySlice<UInt8>) {
        let newline = UInt8(ascii: "\n")
        var (rest, headers): (ArraySlice<UInt8>, [Header]) = (bytes[...], [])
        while let end = rest.firstIndex(of: newline), end > rest.startIndex {
            let words = rest[..<end].split(separator: UInt8(ascii: " "), maxSplits: 1)
            // A line that begins with a blank goes on with the one before (signatures): no header of its own.
            if rest.first != UInt8(ascii: " "), words.count == 2 { headers.append((words[0], words[1])) }
            rest = rest[(end + 1)...]
        }
        return (headers, rest.dropFirst())
    }

    /// `Name <address> 1700000000 +0100`; what is missing or odd counts as empty or zero, as Git takes it.
    private static func signature(_ text: String) -> Signature {
        let open = text.firstIndex(of: "<") ?? text.endIndex
        let close = text[open...].lastIndex(of: ">") ?? text.endIndex
        let name = text[..<open].split(separator: " ").joined(separator: " ")
        let email = open < close ? String(text[text.index(after: open)..<close]) : ""
        let numbers = text[close...].dropFirst().split(separator: " ")
        let time = numbers.first.flatMap { Int64($0) } ?? 0
        let zone = numbers.dropFirst().first.flatMap { Int32($0) } ?? 0
        return Signature(name: name, email: email, time: time, offset: zone / 100 * 60 + zone % 100)
    }

    private static func line(_ signature: Signature) -> String {
        let minutes = signature.offset.magnitude
        let zone = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        let sign = signature.offset < 0 ? "-" : "+"
        return "\(clean(signature.name)) <\(clean(signature.email))> \(signature.time) \(sign)\(zone)"
    }

    /// Longer names are nobody's. Unicode scalars.
    private static let maxNameLength = 256

    private static func clean(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { $0 != "<" && $0 != ">" && !$0.isUnsafeInCommit }
        let words = String(String.UnicodeScalarView(kept.prefix(maxNameLength))).split(separator: " ")
        return words.isEmpty ? "unknown" : words.joined(separator: " ")
    }

    /// Lines stay lines.
    private static func message(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map(\.withoutControls).joined(separator: "\n")
    }
}

extension Signature {
    /// Up to the end of the year 9999.
    private static let times: ClosedRange<Int64> = 0...253_402_300_799
    /// Minutes: from UTC-12 to UTC+14 all zones lie.
    private static let offsets: ClosedRange<Int32> = -14 * 60...14 * 60

    /// With a time, and a time zone, that there are.
    fileprivate func withinCalendar(or time: Int64) -> Signature {
        var signature = self
        if !Self.times.contains(self.time) { signature.time = Self.times.contains(time) ? time : 0 }
        if !Self.offsets.contains(offset) { signature.offset = 0 }
        return signature
    }
}
