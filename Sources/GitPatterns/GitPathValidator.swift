import SpacesModel
import TextTools

/// A validator for names in Git trees, used for every path that is read from a working tree or
/// pushed to a Space.
///
/// The rules are those of `git fsck --strict` and `verify_path` with `core.protectNTFS` and
/// `core.protectHFS` (git: `fsck.c`, `path.c`, `utf8.c`). libgit2's tree builder implements only
/// some of them.
package enum GitPathValidator {
    /// Returns why a name cannot be in a tree; `nil` if it is valid.
    /// - Parameter kind: some names are valid for files and not for symbolic links.
    package static func problem(with name: Path, _ kind: EntryKind? = nil) -> String? {
        let bytes = name.bytes
        guard let first = bytes.first else { return "is empty" }
        if bytes.contains(.slash) { return "contains a slash" }
        if bytes.contains(0) { return "contains a NUL byte" }
        // Most names are valid by their first byte; the code points that HFS+ ignores are not ASCII.
        let hasBackslash = bytes.contains(.backslash)
        guard hasBackslash || first >= 0x80 || [dot, UInt8(ascii: "g"), UInt8(ascii: "G")].contains(first)
        else { return nil }
        if name == "." || name == ".." { return "is not a valid name: it refers to another directory" }
        if hasBackslash, bytes.split(separator: .backslash).contains(where: { $0.elementsEqual("..".utf8) }) {
            return "is a path to another directory on Windows"
        }
        if isDotGit(name) {
            return "is treated as .git on some systems (NTFS, HFS+); Git and the Hub refuse it"
        }
        if kind == .symlink, isDotGitmodules(bytes) {
            return "is a symbolic link in place of .gitmodules; Git and the Hub refuse it"
        }
        return nil
    }

    /// Returns whether Git, NTFS or HFS+ would read a name as `.git`.
    package static func isDotGit(_ name: Path) -> Bool {
        let bytes = name.bytes
        return matchesOnHFS(bytes, ".git")
            || partsAfterBackslashes(bytes).contains { part in
                matchesOnNTFS(part, ".git") || matchesOnNTFS(part, "git~1")
            }
    }

    private static let dot = UInt8(ascii: ".")

    /// Returns the name itself and the part after each of its backslashes, which separate
    /// directories on Windows.
    private static func partsAfterBackslashes(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: .backslash, omittingEmptySubsequences: false)
    }

    /// Git's `is_ntfs_dotgit`: trailing dots and spaces are ignored, and `:` begins the name of a stream.
    private static func matchesOnNTFS(_ part: ArraySlice<UInt8>, _ expected: StaticString) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard part.count >= count, zip(part, expected.bytes).allSatisfy({ $0.lowered == $1 }) else {
            return false
        }
        return part.dropFirst(count).prefix { $0 != .colon }.allSatisfy { $0 == dot || $0 == .space }
    }

    /// Git's `is_hfs_dot_generic`: HFS+ ignores some code points; a byte that is not UTF-8 ends the name.
    private static func matchesOnHFS(_ bytes: [UInt8], _ expected: String) -> Bool {
        var (decoder, iterator) = (UTF8(), bytes.makeIterator())
        var expectedScalars = expected.unicodeScalars.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar.value & 0xfffe == 0xfffe { break }
            if isIgnoredByHFS(scalar.value) { continue }
            guard let next = expectedScalars.next() else { return false }
            let lowered = ("A"..."Z").contains(scalar) ? scalar.value | 0x20 : scalar.value
            guard lowered == next.value else { return false }
        }
        return expectedScalars.next() == nil
    }

    private static func isIgnoredByHFS(_ code: UInt32) -> Bool {
        (0x200c...0x200f).contains(code) || (0x202a...0x202e).contains(code)
            || (0x206a...0x206f).contains(code) || code == 0xfeff
    }

    /// Git's `is_hfs_dotgitmodules` and `is_ntfs_dotgitmodules`, including NTFS short names.
    private static func isDotGitmodules(_ bytes: [UInt8]) -> Bool {
        matchesOnHFS(bytes, ".gitmodules")
            || partsAfterBackslashes(bytes).contains { part in
                matchesOnNTFS(part, ".gitmodules")
                    || (1...4).contains { isShortName(part, of: "gitmod~", $0) }
                    || isHashedShortName(part)
            }
    }

    private static func isShortName(_ part: ArraySlice<UInt8>, of stem: StaticString, _ digit: UInt8) -> Bool
    {
        let count = stem.utf8CodeUnitCount
        guard part.count > count, part[part.startIndex + count] == UInt8(ascii: "0") + digit,
            zip(part, stem.bytes).allSatisfy({ $0.lowered == $1 })
        else { return false }
        return part.dropFirst(count + 1).prefix { $0 != .colon }.allSatisfy { $0 == dot || $0 == .space }
    }

    /// Returns whether the name is a hashed NTFS short name: eight bytes, the start of `gi7eba`,
    /// `~`, then a number that does not begin with 0.
    private static func isHashedShortName(_ part: ArraySlice<UInt8>) -> Bool {
        let short = Array(part.prefix(8))
        guard short.count == 8, let tilde = short.firstIndex(of: UInt8(ascii: "~")), tilde <= 6 else {
            return false
        }
        let (stem, number) = (short[..<tilde], short[(tilde + 1)...])
        guard zip(stem, "gi7eba".utf8).allSatisfy({ $0.lowered == $1 }), number.allSatisfy(\.isDigit),
            number.first != UInt8(ascii: "0"), !number.isEmpty
        else { return false }
        return part.dropFirst(8).prefix { $0 != .colon }.allSatisfy { $0 == dot || $0 == .space }
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
