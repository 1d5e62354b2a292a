import Essentials

/// Redirect rules (RFC 9110 15.4): the request that follows a redirect, and which of its headers are kept.
enum Redirect {
    static let limit = 10

    /// Returns the next request; `nil` if the response is not a redirect.
    /// - Throws: `redirect` if the redirect must not be followed: from https to http, or of an unsafe
    ///   request that would change its method or go to another origin.
    static func next(after response: StreamedResponse, of request: HTTPClientRequest) throws(HTTPError)
        -> HTTPClientRequest?
    {
        guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["Location"]
        else {
            return nil
        }
        let origin = Origin(request.url)
        let target = URL(string: location, relativeTo: request.url)?.absoluteURL
        let error = HTTPError.redirect(
            host: origin?.description ?? "?", to: target.map { printable($0, location) } ?? "an invalid URL")
        guard let target, target.user == nil, target.password == nil, let targetOrigin = Origin(target),
            ["http", "https"].contains(targetOrigin.scheme)
        else { throw error }
        guard origin?.scheme != "https" || targetOrigin.scheme == "https" else { throw error }
        var next = request
        next.url = target
        if origin != targetOrigin { next.removeCredentials() }
        if ["GET", "HEAD"].contains(request.method) { return next }
        if response.status == 303 {
            (next.method, next.body) = ("GET", .none)
            next.headers["Content-Type"] = nil
            return next
        }
        guard [307, 308].contains(response.status), origin == targetOrigin else { throw error }
        return next
    }

    /// Returns scheme, host and path of the target: its user, query and fragment may contain credentials.
    private static func printable(_ target: URL, _ location: String) -> String {
        let isRelative = URL(string: location).map { $0.scheme == nil && $0.host == nil } ?? false
        if isRelative { return target.path(percentEncoded: true) }
        let origin = Origin(target).map { "\($0.scheme)://\($0)" } ?? target.scheme.map { "\($0):…" } ?? "…"
        return origin + target.path(percentEncoded: true)
    }
}

extension HTTPClientRequest {
    /// Removes the authorization and all headers except the harmless standard ones: headers such as
    /// `Private-Token` are credentials, too.
    fileprivate mutating func removeCredentials() {
        authorization = nil
        let allowed = ["accept", "accept-encoding", "accept-language", "content-type", "range", "user-agent"]
        for name in headers.fields.map(\.name) where !allowed.contains(name.lowercased()) {
            headers[name] = nil
        }
    }
}
