import Deploy

/// What Git, NTFS or HFS would read another way than it is written: names that no tree of ours may hold. The rules
/// are those of Git's `verify_path`, `is_ntfs_dotgit` and `is_hfs_dotgit` (`path.c`, `utf8.c`); libgit2's tree
/// builder knows only some of them.
enum EntryName {
    /// Why a name may not stand in a tree; nil when it may.
    static func trouble(with name: Path) -> String? {
        let bytes = name.bytes
        if bytes.isEmpty { return "is empty" }
        if bytes.contains(UInt8(ascii: "/")) { return "holds a slash" }
        if bytes.contains(0) { return "holds a NUL byte" }
        if name == "." || name == ".." { return "means another directory" }
        if lowercased(bytes) == Array(".git".utf8) { return "is where Git keeps its own files" }
        if bytes.split(separator: UInt8(ascii: "\\")).contains(where: isGitOnNTFS) {
            return "is read as .git on Windows (NTFS)"
        }
        if isGitOnHFS(bytes) { return "is read as .git on macOS (HFS+)" }
        return nil
    }

    /// `.git` or its short name `git~1`, then nothing but dots and blanks, or a stream (`:…`).
    private static func isGitOnNTFS(_ name: ArraySlice<UInt8>) -> Bool {
        let folded = lowercased(name)
        for prefix in [".git", "git~1"] where folded.starts(with: prefix.utf8) {
            let rest = folded.dropFirst(prefix.utf8.count).prefix { $0 != UInt8(ascii: ":") }
            if rest.allSatisfy({ $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: " ") }) { return true }
        }
        return false
    }

    /// HFS+ leaves these code points out when it compares names.
    private static let ignoredByHFS: Set<UInt32> = Set(
        Array(0x200C...0x200F) + Array(0x202A...0x202E) + Array(0x206A...0x206F) + [0xFEFF])

    private static func isGitOnHFS(_ bytes: [UInt8]) -> Bool {
        guard bytes.contains(where: { $0 >= 0x80 }) else { return false }
        let seen = String(decoding: bytes, as: UTF8.self).unicodeScalars.filter {
            !ignoredByHFS.contains($0.value)
        }
        return String(String.UnicodeScalarView(seen)).lowercased() == ".git"
    }

    private static func lowercased(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
