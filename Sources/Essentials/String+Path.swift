/// Operations on paths as text, without access to the file system.
extension String {
    /// The last component, without trailing slashes; `/` for the root, empty for an empty path.
    package var lastPathComponent: String { pathComponents.last ?? (hasPrefix("/") ? "/" : "") }

    /// The parent directory; `/` for the root, empty for a relative path of one component.
    package var deletingLastPathComponent: String {
        (utf8.first == slash ? "/" : "") + pathComponents.dropLast().joined(separator: "/")
    }

    /// The path with a leading `~` or `~user` replaced by the home directory; unchanged if there is no
    /// such user.
    package var expandingTilde: String {
        guard utf8.first == UInt8(ascii: "~") else { return self }
        let end = utf8.firstIndex(of: slash) ?? endIndex
        let user = String(self[utf8.index(after: startIndex)..<end])
        let home = user.isEmpty ? homeDirectory() : FileManager.default.homeDirectory(forUser: user)?.path
        return home.map { ($0 == "/" && end != endIndex ? "" : $0) + self[end...] } ?? self
    }

    private var pathComponents: [String] { utf8.split(separator: slash).map { String(Substring($0)) } }
}

private let slash = UInt8(ascii: "/")

/// Returns the home directory of this process's user: `HOME`, or the entry in the system's user database.
package func homeDirectory() -> String { FileManager.default.homeDirectoryForCurrentUser.path }

/// Returns the directory for temporary files (`TMPDIR`, or `/tmp`), with a trailing slash.
package func temporaryDirectory() -> String {
    let path = FileManager.default.temporaryDirectory.path
    return path.hasSuffix("/") ? path : path + "/"
}
