import Foundation

/// Which request follows an answer that points elsewhere (RFC 9110 15.4), and what of the first one goes along.
enum Redirect {
    static let limit = 10

    /// The next request; nil when the answer is no redirect.
    /// - Throws: `redirect` for one that must not be followed: out of https, or a request with consequences that would
    ///   become another one or go to somebody else.
    static func next(after answer: StreamedResponse, of request: Request) throws(HTTPFailure) -> Request? {
        guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.headers["Location"]
        else {
            return nil
        }
        let here = Origin(request.url)
        let refusal = HTTPFailure.redirect(host: here?.description ?? "?", to: printable(location))
        guard let target = URL(string: location, relativeTo: request.url)?.absoluteURL,
            let there = Origin(target), ["http", "https"].contains(there.scheme)
        else { throw refusal }
        guard here?.scheme != "https" || there.scheme == "https" else { throw refusal }
        var next = request
        next.url = target
        if here != there { next.forgetWhoWeAre() }
        if ["GET", "HEAD"].contains(request.method) { return next }
        if answer.status == 303 {
            (next.method, next.body) = ("GET", .none)
            next.headers["Content-Type"] = nil
            return next
        }
        guard [307, 308].contains(answer.status), here == there else { throw refusal }
        return next
    }

    /// Where it points, without a query, which may hold a signature, and without control characters.
    private static func printable(_ location: String) -> String {
        String(
            location.prefix { $0 != "?" && $0 != "#" }.unicodeScalars.filter {
                $0.value >= 32 && $0.value != 127
            })
    }
}

extension Request {
    /// Leaves out what belongs to the origin it was meant for.
    fileprivate mutating func forgetWhoWeAre() {
        authorization = nil
        for name in ["Authorization", "Cookie", "Proxy-Authorization", "Host"] { headers[name] = nil }
    }
}
