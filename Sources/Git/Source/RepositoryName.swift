import Essentials
import TextTools

/// How a repository is named where others read it: never with credentials, never with a path of this machine.
package enum RepositoryName {
    /// A URL without user, password, query and fragment (the user of ssh stays: it is part of the address); a local
    /// path's last name without `.git`.
    package static func displayName(_ location: String) -> String {
        if location.lowercased().hasPrefix("file://") { return lastName(String(location.dropFirst(7))) }
        return location.contains("://") || isSCP(location) ? location.redactedURL : lastName(location)
    }

    /// `git@host:path`, as scp writes it: a colon before any slash.
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
