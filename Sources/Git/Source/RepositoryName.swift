import Essentials
import TextTools

/// The display name of a repository in places that others can read: without credentials and local
/// paths.
package enum RepositoryName {
    /// Returns a URL without user, password, query and fragment (the SSH user stays, as it is part
    /// of the address), or the last component of a local path without `.git`.
    package static func displayName(_ location: String) -> String {
        if location.lowercased().hasPrefix("file://") { return lastName(String(location.dropFirst(7))) }
        return location.contains("://") || isSCP(location) ? location.redactedURL : lastName(location)
    }

    /// Returns whether the location is an scp-like URL `git@host:path`: a colon before any slash.
    static func isSCP(_ location: String) -> Bool {
        guard let colon = location.firstIndex(of: ":"), colon != location.startIndex else { return false }
        return !location[..<colon].contains("/")
    }

    private static func lastName(_ path: String) -> String {
        let names = path.split(separator: "/").filter { $0 != "." }
        let last = names.last == ".git" ? names.dropLast().last : names.last
        let name = last.map(String.init) ?? "repository"
        return name.hasSuffix(".git") ? String(name.dropLast(4)) : name
    }
}
