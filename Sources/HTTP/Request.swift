import Foundation

/// One exchange to be made, as a value.
package struct Request: Sendable {
    package var method: String
    package var url: URL
    package var headers: Headers
    package var body: Body
    /// Sent from the first request on, and only to the origin of `url`: a redirect elsewhere goes without it.
    package var authorization: Authorization?
    /// Whether the exchange may be made again after a fault (408, 429, 5xx, a broken connection).
    package var isRepeatable: Bool
    /// No answer within this time ends the exchange; nil: only the client's idle limit counts.
    package var deadline: Duration?
    /// A longer response ends in `HTTPFailure.tooLong`. Bytes.
    package var responseLimit: Int
    /// How long no byte may go either way; nil: the client's limit. Log streams are silent for long.
    package var idleLimit: Duration?
    /// For a wait that may be long: a small resource of the same origin, asked for first when no connection is warm.
    /// On Linux `URLSession` spins on a connection's first exchange for as long as it lasts.
    package var warmUp: URL?
    /// Takes the body of a success as it comes, in order, instead of the answer's chunks: at once, on a thread of the
    /// session's, which slows the sender down. False ends the exchange.
    package var sink: (@Sendable (_ status: Int, _ bytes: Data) -> Bool)?
    /// Asked before the exchange is made again: true when its body turned out to be of no use.
    package var isFutile: (@Sendable () -> Bool)?
    /// False: an answer that points elsewhere is handed on as it is, to whoever has to look at where it points.
    package var followsRedirects = true

    /// A request that may be repeated when its method is safe (GET, HEAD).
    package init(
        _ method: String = "GET", _ url: URL, headers: Headers = [:], body: Body = .none,
        authorization: Authorization? = nil, isRepeatable: Bool? = nil, deadline: Duration? = nil,
        responseLimit: Int = 1 << 30
    ) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
        self.authorization = authorization
        self.isRepeatable = isRepeatable ?? ["GET", "HEAD"].contains(method)
        (self.deadline, self.responseLimit) = (deadline, responseLimit)
    }

    package enum Body: Sendable {
        case none
        case bytes(Data)
        /// A body of known length read from a stream made anew for each attempt. Sent with `Content-Length`.
        case stream(length: Int64, open: @Sendable () throws -> InputStream)
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
