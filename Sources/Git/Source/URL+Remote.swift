import Essentials
import HTTP
import SpacesModel

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
