import Essentials
import SpacesModel
import TextTools

/// Serialises and parses commit objects.
enum CommitCodec {
    /// Returns the content of a commit object that `git fsck --strict` accepts. Removes characters
    /// from names, addresses and the message that would break the format, and replaces invalid
    /// times.
    static func bytes(of draft: CommitDraft) -> [UInt8] {
        var lines = ["tree \(draft.tree)"]
        lines += draft.parents.map { "parent \($0)" }
        let committer = draft.committer.withinCalendar(or: 0)
        let author = draft.author.withinCalendar(or: committer.time)
        lines += ["author \(line(author))", "committer \(line(committer))", "", message(draft.message)]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Parses a commit object.
    /// - Returns: `nil` if the bytes are not a commit.
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
        var (remaining, headers): (ArraySlice<UInt8>, [Header]) = (bytes[...], [])
        while let end = remaining.firstIndex(of: newline), end > remaining.startIndex {
            let parts = remaining[..<end].split(separator: UInt8(ascii: " "), maxSplits: 1)
            // A line that starts with a space continues the previous header (signatures).
            if remaining.first != UInt8(ascii: " "), parts.count == 2 { headers.append((parts[0], parts[1])) }
            remaining = remaining[(end + 1)...]
        }
        return (headers, remaining.dropFirst())
    }

    /// Parses `Name <address> 1700000000 +0100`. Missing or invalid parts become empty or zero, as
    /// in Git.
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

    /// The maximum length of a name or address, in Unicode scalars. Longer ones are not realistic.
    private static let maxNameLength = 256

    private static func clean(_ text: String) -> String {
        let allowed = text.unicodeScalars.filter { $0 != "<" && $0 != ">" && !$0.isUnsafeInCommit }
        let parts = String(String.UnicodeScalarView(allowed.prefix(maxNameLength))).split(separator: " ")
        return parts.isEmpty ? "unknown" : parts.joined(separator: " ")
    }

    /// Removes control characters from each line; keeps the line breaks.
    private static func message(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map(\.withoutControls).joined(separator: "\n")
    }
}

extension Signature {
    /// Valid times in seconds since 1970, until the end of the year 9999.
    private static let times: ClosedRange<Int64> = 0...253_402_300_799
    /// Valid time zones in minutes; real ones are between UTC-12 and UTC+14.
    private static let offsets: ClosedRange<Int32> = -14 * 60...14 * 60

    /// Returns the signature with an invalid time or time zone replaced.
    fileprivate func withinCalendar(or time: Int64) -> Signature {
        var signature = self
        if !Self.times.contains(self.time) { signature.time = Self.times.contains(time) ? time : 0 }
        if !Self.offsets.contains(offset) { signature.offset = 0 }
        return signature
    }
}

/// Decodes the text of commits that declare an encoding in their `encoding` header (`git help
/// commit`, "DISCUSSION").
enum TextEncoding {
    /// Returns the decoded text. Invalid bytes are replaced with U+FFFD.
    /// - Parameter encoding: the name in the commit's header (`ISO-8859-1`, `Shift_JIS`); `nil` for
    ///   UTF-8.
    static func decoded(_ bytes: ArraySlice<UInt8>, from encoding: String?) -> String {
        guard let encoding, !isUTF8(encoding), let text = converted(bytes, from: encoding) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    private static func isUTF8(_ name: String) -> Bool { ["utf-8", "utf8"].contains(name.lowercased()) }

    /// Returns the converted text; `nil` if the encoding is not supported.
    private static func converted(_ bytes: ArraySlice<UInt8>, from encoding: String) -> String? {
        // Latin-1 does not need the C library's conversion tables, which small containers may lack.
        if ["iso-8859-1", "iso8859-1", "latin1", "latin-1"].contains(encoding.lowercased()) {
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
        // iconv_open(3) would parse an option after a slash.
        let isName = encoding.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || "0123456789-_.:".unicodeScalars.contains(scalar))
        }
        guard isName, encoding.utf8.count <= 40, let descriptor = iconv_open("UTF-8", encoding),
            Int(bitPattern: descriptor) != -1
        else { return nil }
        defer { iconv_close(descriptor) }
        return convert(Array(bytes), descriptor)
    }

    private static func convert(_ bytes: [UInt8], _ descriptor: iconv_t) -> String {
        var input = bytes.map { CChar(bitPattern: $0) }
        // One input byte becomes at most four bytes of UTF-8 in every encoding.
        var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
        var written = 0
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var (from, left) = (source.baseAddress, source.count)
                var (to, available) = (target.baseAddress, target.count)
                while left > 0, available > 3 {
                    let status = iconv(descriptor, &from, &left, &to, &available)
                    guard status == .max || left > 0, left > 0, available > 3 else { break }
                    // An invalid byte: write U+FFFD and skip the byte.
                    for byte: UInt8 in [0xEF, 0xBF, 0xBD] {
                        to?.pointee = CChar(bitPattern: byte)
                        to = to?.advanced(by: 1)
                        available -= 1
                    }
                    from = from?.advanced(by: 1)
                    left -= 1
                }
                written = target.count - available
            }
        }
        return String(decoding: output[..<written].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
