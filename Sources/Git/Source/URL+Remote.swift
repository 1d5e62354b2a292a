import Essentials
import HTTP
import SpacesModel

extension URL {
    /// The URL that requests are sent to; `nil` if Foundation reads another origin than the strict parser.
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

    /// The credential that is written into the URL, as some services hand it out.
    package var userAuthorization: Authorization? {
        guard let user, let secret = Secret(password?.percentDecoded ?? user) else { return nil }
        return .basic(user: password == nil ? "x-access-token" : user, password: secret)
    }
}

extension URLOrigin {
    /// The origin of a URL that is requested; `nil` if the strict parser reads another one, or none.
    package init?(_ url: URL) {
        guard let parsed = try? RemoteURL(url.absoluteString), let origin = Origin(url),
            parsed.origin.scheme == origin.scheme, parsed.origin.host == origin.host,
            parsed.origin.port == origin.port
        else { return nil }
        self = parsed.origin
    }
}
