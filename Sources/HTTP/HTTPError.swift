/// The error of a request without a response. A response is never an error, whatever its status.
package enum HTTPError: Error, Hashable, Sendable {
    /// Name not found, connection refused or no route, with the system's message.
    case unreachable(host: String, String)
    /// A time limit was exceeded.
    case timedOut(host: String, TimeLimit)
    /// The server's certificate is not trusted, or a certificate of this machine is unusable or rejected.
    case untrusted(host: String, String)
    /// The connection broke before the response was complete.
    case broken(host: String, String)
    /// The body is longer than the request allows.
    case tooLong(host: String, limit: Int)
    /// A redirect that is not followed: too many, to another scheme, or of a request that must not be
    /// repeated.
    case redirect(host: String, to: String)
    /// The header of the response is too long, with a description of the limit.
    case headerTooLong(host: String, limit: String)
    /// The host's address belongs to this machine or a private network, and the request allows only
    /// public addresses.
    case forbiddenAddress(host: String, address: String)
    /// The request is invalid; nothing was sent.
    case invalidRequest(host: String, String)
    case cancelled

    /// The kind of a time limit. `total` limits the whole transfer and grows with the transferred bytes (see
    /// `TransferClock`).
    package enum TimeLimit: String, Hashable, Sendable { case connect, idle, deadline, total }
}

extension HTTPError {
    /// The host, with the port if it is not the scheme's default; `nil` if the request was cancelled.
    package var host: String? {
        switch self {
        case .unreachable(let host, _), .timedOut(let host, _), .untrusted(let host, _), .broken(let host, _),
            .tooLong(let host, _), .redirect(let host, _), .headerTooLong(let host, _),
            .forbiddenAddress(let host, _), .invalidRequest(let host, _):
            host
        case .cancelled: nil
        }
    }

    /// A description of the error in one clause, without the host.
    package var reason: String {
        switch self {
        case .unreachable(_, let message): "not reachable (\(message))"
        case .timedOut(_, .connect): "no connection within the time limit"
        case .timedOut(_, .idle): "silent for longer than the time limit"
        case .timedOut(_, .deadline): "no answer within the time limit"
        case .timedOut(_, .total): "too slow: less than \(TransferClock.minimumRate) bytes a second"
        case .untrusted(_, let message): "its certificate is not trusted (\(message))"
        case .broken(_, let message): "the connection broke (\(message))"
        case .tooLong(_, let limit): "the answer is longer than \(limit) bytes"
        case .redirect(_, let target): "it redirects to \(target), which is not followed"
        case .headerTooLong(_, let limit): "the header of its response is longer than \(limit)"
        case .forbiddenAddress(_, let address):
            "its address \(address) is this machine's or a private network's"
        case .invalidRequest(_, let reason): "the request cannot be sent: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
