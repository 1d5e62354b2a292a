import Essentials

/// Which request follows an answer that points elsewhere (RFC 9110 15.4), and what of the first one goes along.
enum Redirect {
    static let limit = 10

    /// The next request; nil when the answer is no redirect.
    /// - Throws: `redirect` for one that must not be followed: out of https, or a request with consequences that would
    ///   become another one or go to somebody else.
    static func next(after response: StreamedResponse, of request: HTTPClientRequest) throws(HTTPError)
        -> HTTPClientRequest?
    {
        guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["Location"]
        else {
            return nil
        }
        let here = Origin(request.url)
        let target = URL(string: location, relativeTo: request.url)?.absoluteURL
        let refusal = HTTPError.redirect(
            host: here?.description ?? "?", to: target.map { printable($0, location) } ?? "an invalid URL")
        guard let target, target.user == nil, target.password == nil, let there = Origin(target),
            ["http", "https"].contains(there.scheme)
        else { throw refusal }
        guard here?.scheme != "https" || there.scheme == "https" else { throw refusal }
        var next = request
        next.url = target
        if here != there { next.removeCredentials() }
        if ["GET", "HEAD"].contains(request.method) { return next }
        if response.status == 303 {
            (next.method, next.body) = ("GET", .none)
            next.headers["Content-Type"] = nil
            return next
        }
        guard [307, 308].contains(response.status), here == there else { throw refusal }
        return next
    }

    /// Scheme, host and path of the target: its user, query and fragment may contain credentials.
    private static func printable(_ target: URL, _ location: String) -> String {
        let isRelative = URL(string: location).map { $0.scheme == nil && $0.host == nil } ?? false
        if isRelative { return target.path(percentEncoded: true) }
        let origin = Origin(target).map { "\($0.scheme)://\($0)" } ?? target.scheme.map { "\($0):…" } ?? "…"
        return origin + target.path(percentEncoded: true)
    }
}

extension HTTPClientRequest {
    /// Leaves out what belongs to the origin it was meant for: `Private-Token` and its like are credentials, too.
    fileprivate mutating func removeCredentials() {
        authorization = nil
        let kept = ["accept", "accept-encoding", "accept-language", "content-type", "range", "user-agent"]
        for name in headers.fields.map(\.name) where !kept.contains(name.lowercased()) { headers[name] = nil }
    }
}
