import Essentials
import TextTools

/// One exchange to be made, as a value.
package struct HTTPClientRequest: Sendable {
    package var method: String
    package var url: URL
    package var headers: HTTPFields
    package var body: Body
    /// Sent from the first request on, and only to the origin of `url`: a redirect elsewhere goes without it.
    package var authorization: Authorization?
    /// Whether the exchange may be made again after a fault (408, 429, 5xx, a broken connection).
    package var isRepeatable: Bool
    /// No answer within this time ends the exchange; nil: only the client's idle limit counts.
    package var deadline: Duration?
    /// A longer response ends in `HTTPError.tooLong`. Bytes.
    package var responseLimit: Int
    /// How long no byte may go either way, exactly; nil: the client's limit. Log streams are silent for long.
    package var idleLimit: Duration?
    /// The least that the idle limit is, where a server may be silent for long while it works; a longer limit of the
    /// client's counts.
    package var minIdleLimit: Duration?
    /// True for a stream without a natural end: it has no total limit but `deadline`.
    package var isEndless = false
    /// The addresses that a connection for this request may go to, whatever the name resolves to.
    package var allowedAddresses = AllowedAddresses.any
    /// Whether the response may come compressed; it is handed on as it was before. `responseLimit` counts that.
    package var acceptsCompression = true
    /// Takes the body of a success piece by piece, in order, instead of `HTTPClientResponse.body`. False ends the exchange.
    package var sink: (@Sendable (_ status: Int, _ bytes: Data) -> Bool)?
    /// Asked before the exchange is made again: true when its body turned out to be of no use.
    package var isFutile: (@Sendable () -> Bool)?
    /// False: an answer that points elsewhere is handed on as it is, to whoever has to look at where it points.
    package var followsRedirects = true

    /// A request that may be repeated when its method is safe (GET, HEAD).
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
        /// A body read from a reader made anew for each attempt. Sent with `Content-Length`, or in chunks if the length
        /// is `nil`.
        case stream(length: Int64?, open: @Sendable () throws -> any BodyReader)

        /// Bytes to be sent; `nil` if that is not known.
        var length: Int64? {
            switch self {
            case .none: 0
            case .bytes(let data): Int64(data.count)
            case .stream(let length, _): length
            }
        }
    }
}

/// Where a connection may go.
package enum AllowedAddresses: Hashable, Sendable {
    case any
    /// Only addresses of the public Internet (see `IPAddress.isInside`), for names that come from untrusted settings.
    /// Looked at when a socket is opened and when a kept connection is used again, so that neither a redirect nor a
    /// second look-up of the name leads elsewhere. Behind a proxy the address is the proxy's, which the operator chose:
    /// it is the proxy that decides there.
    /// - Parameter named: hosts that the operator named, with or without their port, in lower case: these may be
    ///   anywhere.
    case publicOnly(except: Set<String> = [])

    /// Whether a connection for this origin may go to any address.
    func isOpen(to origin: Origin) -> Bool {
        switch self {
        case .any: true
        case .publicOnly(let named): SSRFGuard(allowedHosts: named).isAllowed(origin)
        }
    }
}

extension HTTPClientRequest {
    /// Not where the response is a part of something, a stream of small events, or described by the caller.
    var acceptsGzip: Bool {
        acceptsCompression && headers["Range"] == nil && headers["Accept-Encoding"] == nil
            && headers["Accept"] != "text/event-stream"
    }

    /// The URL for libcurl: the very host and port that `Origin` sees, and never a user's name, password or fragment.
    func wireURL() throws(HTTPError) -> String {
        guard let origin = Origin(url), ["http", "https"].contains(origin.scheme) else {
            throw .invalidRequest(host: url.host ?? "?", "it is not an http or https URL")
        }
        let text = url.absoluteString.utf8
        guard let start = text.firstRange(of: "://".utf8)?.upperBound,
            SSRFGuard.isPlain(origin.host), text.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .invalidRequest(host: origin.description, "its URL has characters that cannot be sent") }
        let rest = text[start...].drop {
            ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0)
        }
        let target = Substring(rest.prefix { $0 != UInt8(ascii: "#") })
        return "\(origin.scheme)://\(origin)\(target.utf8.first == UInt8(ascii: "/") ? "" : "/")\(target)"
    }
}

/// What proves who we are.
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
