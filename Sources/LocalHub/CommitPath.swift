/// Validation of the paths in a commit request: relative, without segments that leave the tree or
/// that Git reserves (git's `verify_path`).
enum CommitPath {
    /// Throws a 400 error if the path is not valid.
    static func check(_ path: String) throws(HubHTTPError) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let isValid = !path.isEmpty && path.utf8.count <= 4_096 && segments.allSatisfy(isValid)
        guard isValid else { throw HubHTTPError(400, "Invalid path in the commit: \(shown(path))") }
    }

    private static func isValid(_ segment: Substring) -> Bool {
        guard !segment.isEmpty, segment != ".", segment != "..", segment.utf8.count <= 255 else {
            return false
        }
        guard segment.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return false }
        // A clone on Windows reads a backslash as a separator.
        return segment.split(separator: "\\", omittingEmptySubsequences: false)
            .allSatisfy { $0 != ".." && !isGitDirectory($0) }
    }

    /// Returns whether a file system could resolve the segment to `.git`: in any letter case, with
    /// NTFS's trailing dots, spaces or stream name, as NTFS's short name, or with characters that
    /// HFS+ ignores.
    private static func isGitDirectory(_ segment: Substring) -> Bool {
        let visible = segment.unicodeScalars.filter { !isIgnoredByHFS($0.value) }
        var name = String(String.UnicodeScalarView(visible)).lowercased()[...]
        if let colon = name.firstIndex(of: ":") { name = name[..<colon] }
        while let last = name.last, last == "." || last == " " { name.removeLast() }
        return name == ".git" || name == "git~1"
    }

    /// Returns whether HFS+ ignores the character in file names (git's `utf8.c`, `next_hfs_char`).
    private static func isIgnoredByHFS(_ scalar: UInt32) -> Bool {
        (0x200C...0x200F).contains(scalar) || (0x202A...0x202E).contains(scalar)
            || (0x206A...0x206F).contains(scalar) || scalar == 0xFEFF
    }

    private static func shown(_ path: String) -> String {
        let text = path.unicodeScalars.prefix(200).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }
        return text.joined()
    }
}
