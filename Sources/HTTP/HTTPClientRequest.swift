import Essentials
import TextTools

/// An HTTP request to be sent by `HTTPClient`.
package struct HTTPClientRequest: Sendable {
    package var method: String
    package var url: URL
    package var headers: HTTPFields
    package var body: Body
    /// Sent with the first request already, and only to the origin of `url`: a redirect to another
    /// origin is followed without it.
    package var authorization: Authorization?
    /// Whether the request may be retried after an error (408, 429, 5xx, a broken connection).
    package var isRepeatable: Bool
    /// The time limit for the whole request; `nil` if only the client's limits apply.
    package var deadline: Duration?
    /// The most bytes of the response's body; a longer one throws `HTTPError.tooLong`.
    package var responseLimit: Int
    /// The time limit without a byte in either direction; `nil` for the client's limit. Log streams are
    /// silent for long times.
    package var idleLimit: Duration?
    /// The minimum idle limit, for servers that send nothing while they work; a longer limit of the
    /// client applies.
    package var minIdleLimit: Duration?
    /// Whether the response is a stream without a natural end, whose only total limit is `deadline`.
    package var isEndless = false
    /// The addresses that a connection for this request may go to, checked after name resolution.
    package var allowedAddresses = AllowedAddresses.any
    /// Whether the response may be compressed in transit. It is decompressed before delivery, and
    /// `responseLimit` applies to the decompressed bytes.
    package var acceptsCompression = true
    /// Receives the body of a successful response piece by piece, in order, instead of
    /// `HTTPClientResponse.body`. Returning false cancels the request.
    package var sink: (@Sendable (_ status: Int, _ bytes: Data) -> Bool)?
    /// Called before a retry; true prevents it, because the request's body has turned out to be unusable.
    package var isFutile: (@Sendable () -> Bool)?
    /// Whether redirects are followed. If false, the redirect response is returned, so that the caller
    /// can check its target.
    package var followsRedirects = true

    /// Creates a request, which may by default be retried if its method is safe (GET, HEAD).
    package init(
        _ method: String = "GET", _ url: URL, headers: HTTPFields = [:], body: Body = .none,
        authorization: Authorization? = nil, isRepeatable: Bool? = nil, deadline: Duration? = nil,
        responseLimit: Int = 64 << 20
    ) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
        self.authorization = authorization
        self.isRepeatable = isRepeatable ?? ["GET", "HEAD"].contains(method)
        (self.deadline, self.responseLimit) = (deadline, responseLimit)
    }

    package enum Body: Sendable {
        case none
        case bytes(Data)
        /// A body from a reader that is opened anew for each attempt. It is sent with `Content-Length`,
        /// or chunked if the length is `nil`.
        case stream(length: Int64?, open: @Sendable () throws -> any BodyReader)

        /// The length in bytes; `nil` if it is unknown.
        var length: Int64? {
            switch self {
            case .none: 0
            case .bytes(let data): Int64(data.count)
            case .stream(let length, _): length
            }
        }
    }
}

/// The addresses that a connection may go to.
package enum AllowedAddresses: Hashable, Sendable {
    case any
    /// Only public addresses (see `IPAddress.isPrivate`), for host names from untrusted settings. The
    /// address is checked when a socket is opened and when a connection is reused, so that neither a
    /// redirect nor DNS rebinding leads to a private address. With a proxy no address is checked: the
    /// connection goes to the proxy, which the operator chose, and the proxy decides.
    /// - Parameter except: hosts that the operator configured, with or without port, in lower case:
    ///   these may have any address.
    case publicOnly(except: Set<String> = [])

    /// Whether a connection for this origin may go to any address.
    func isOpen(to origin: Origin) -> Bool {
        switch self {
        case .any: true
        case .publicOnly(let allowedHosts): SSRFGuard(allowedHosts: allowedHosts).isAllowed(origin)
        }
    }
}

extension HTTPClientRequest {
    /// Whether to send `Accept-Encoding: gzip`: not for range requests, event streams, or if the caller
    /// set the header.
    var acceptsGzip: Bool {
        acceptsCompression && headers["Range"] == nil && headers["Accept-Encoding"] == nil
            && headers["Accept"] != "text/event-stream"
    }

    /// Returns the URL for libcurl: exactly the host and port that `Origin` parsed, without user,
    /// password and fragment.
    /// - Throws: `.invalidRequest` if the URL is not http or https, or contains invalid characters.
    func wireURL() throws(HTTPError) -> String {
        guard let origin = Origin(url), ["http", "https"].contains(origin.scheme) else {
            throw .invalidRequest(host: url.host ?? "?", "it is not an http or https URL")
        }
        let text = url.absoluteString.utf8
        guard let start = text.firstRange(of: "://".utf8)?.upperBound,
            SSRFGuard.isPlain(origin.host), text.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .invalidRequest(host: origin.description, "its URL contains invalid characters") }
        let tail = text[start...].drop {
            ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0)
        }
        let target = Substring(tail.prefix { $0 != UInt8(ascii: "#") })
        return "\(origin.scheme)://\(origin)\(target.utf8.first == UInt8(ascii: "/") ? "" : "/")\(target)"
    }

    /// The reason why the request must not be sent; `nil` if it is valid. Line ends and control
    /// characters could inject further header fields or requests.
    var rejectionReason: String? {
        if url.user != nil || url.password != nil { return "its URL contains a user or password" }
        guard url.absoluteString.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            return "its URL contains a control character"
        }
        guard Self.isToken(method) else { return "its method is invalid" }
        let isInvalid = headers.fields.contains { field in
            !Self.isToken(field.name) || field.value.utf8.contains { $0 < 32 && $0 != 9 || $0 == 127 }
        }
        return isInvalid ? "a header field is invalid" : nil
    }

    /// Whether the text is a token (RFC 9110 5.6.2).
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

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

/// Credentials for the `Authorization` header.
package enum Authorization: Hashable, Sendable {
    case basic(user: String, password: Secret)
    case bearer(Secret)

    /// The value of the `Authorization` header.
    package var header: String {
        switch self {
        case .basic(let user, let password):
            "Basic " + Data("\(user):\(password.reveal())".utf8).base64EncodedString()
        case .bearer(let token): "Bearer " + token.reveal()
        }
    }
}

/// A token or password. It prints as dots; only `reveal()` returns the value.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String

    /// Trims white space at both ends; `nil` if the text is empty.
    package init?(_ text: some StringProtocol) {
        let trimmed = text.drop { $0.isWhitespace }
        let end = trimmed.lastIndex { !$0.isWhitespace }
        guard let end else { return nil }
        value = String(trimmed[...end])
    }

    /// Keeps the text unchanged, for example a private key.
    package init(exactly text: String) { value = text }

    package func reveal() -> String { value }
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

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
