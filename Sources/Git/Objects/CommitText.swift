import Deploy

/// A commit object's content, both ways.
enum CommitText {
    /// The content of a commit. Names and addresses lose what would break its lines.
    static func bytes(of draft: CommitDraft) -> [UInt8] {
        var lines = ["tree \(draft.tree)"]
        lines += draft.parents.map { "parent \($0)" }
        lines += ["author \(line(draft.author))", "committer \(line(draft.committer))", "", draft.message]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// - Returns: nil when the bytes are no commit.
    static func commit(_ id: ObjectID, in bytes: [UInt8]) -> Commit? {
        let (headers, message) = parts(of: bytes)
        guard let tree = headers.first(where: { $0.name == "tree" }).flatMap({ ObjectID($0.value) }),
            let author = headers.first(where: { $0.name == "author" }).map({ signature($0.value) })
        else { return nil }
        let parents = headers.filter { $0.name == "parent" }.compactMap { ObjectID($0.value) }
        var commit = Commit(id: id, tree: tree, parents: parents, author: author, message: message)
        commit.committed = headers.first { $0.name == "committer" }.map { signature($0.value).time }
        return commit
    }

    private static func parts(of bytes: [UInt8]) -> (headers: [(name: String, value: String)], String) {
        let newline = UInt8(ascii: "\n")
        var (rest, headers): (ArraySlice<UInt8>, [(name: String, value: String)]) = (bytes[...], [])
        while let end = rest.firstIndex(of: newline), end > rest.startIndex {
            let words = rest[..<end].split(separator: UInt8(ascii: " "), maxSplits: 1)
            // A line that begins with a blank goes on with the one before (signatures): no header of its own.
            if rest.first != UInt8(ascii: " "), words.count == 2 {
                let (name, value) = (words[0], words[1])
                headers.append(
                    (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            }
            rest = rest[(end + 1)...]
        }
        return (headers, String(decoding: rest.dropFirst(), as: UTF8.self))
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
        let (hours, minutes) = (abs(signature.offset) / 60, abs(signature.offset) % 60)
        let zone = [hours, minutes].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        let sign = signature.offset < 0 ? "-" : "+"
        return "\(clean(signature.name)) <\(clean(signature.email))> \(signature.time) \(sign)\(zone)"
    }

    private static func clean(_ text: String) -> String {
        let kept = text.unicodeScalars.filter {
            $0.value >= 0x20 && $0 != "<" && $0 != ">" && $0.value != 0x7F
        }
        let words = String(String.UnicodeScalarView(kept)).split(separator: " ")
        return words.isEmpty ? "unknown" : words.joined(separator: " ")
    }
}
