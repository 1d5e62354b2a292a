import Essentials
import HTTP
import SpacesModel
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

extension URL {
    /// Converts a parsed remote URL; `nil` if Foundation parses a different origin than the strict
    /// parser.
    package init?(_ remote: RemoteURL) {
        guard let url = URL(string: remote.text), URLOrigin(url) == remote.origin else { return nil }
        self = url
    }

    /// The same URL without user and password.
    package var withoutUser: URL {
        guard let parsed = try? RemoteURL(absoluteString) else { return self }
        var bare = parsed.withoutUser.text
        if bare.hasSuffix("/") { bare.removeLast() }
        return URL(string: bare) ?? self
    }

    /// The credentials in the URL, as some services issue them.
    package var userAuthorization: Authorization? {
        guard let user, let secret = Secret(password?.percentDecoded ?? user) else { return nil }
        return .basic(user: password == nil ? "x-access-token" : user, password: secret)
    }
}

extension URLOrigin {
    /// Returns the origin of a request's URL; `nil` if the strict parser rejects the URL or parses
    /// a different origin.
    package init?(_ url: URL) {
        guard let parsed = try? RemoteURL(url.absoluteString), let origin = Origin(url),
            parsed.origin.scheme == origin.scheme, parsed.origin.host == origin.host,
            parsed.origin.port == origin.port
        else { return nil }
        self = parsed.origin
    }
}
