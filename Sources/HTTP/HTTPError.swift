/// Why no answer came. A status, whatever it is, is an answer and no failure.
package enum HTTPError: Error, Hashable, Sendable {
    /// Name not found, connection refused, no route: with the system's words.
    case unreachable(host: String, String)
    /// No connection, no byte, or no end within the limit.
    case timedOut(host: String, TimeLimit)
    /// Nobody here trusts the server's certificate.
    case untrusted(host: String, String)
    /// The connection broke before the answer was whole.
    case broken(host: String, String)
    /// The body is longer than the request allows.
    case tooLong(host: String, limit: Int)
    /// A redirect that is not followed: too many, to another scheme, or of a request that must not be repeated.
    case redirect(host: String, to: String)
    /// The header of the response is longer than any sensible one; with the limit in words.
    case headerTooLong(host: String, limit: String)
    /// The host's address is one of this machine's or of a private network, and the request is for public ones only.
    case forbiddenAddress(host: String, address: String)
    /// The request cannot be sent as it is: nothing was sent.
    case invalidRequest(host: String, String)
    case cancelled

    /// `total`: the limit for the whole exchange, which grows with what was transferred (see `TransferClock`).
    package enum TimeLimit: String, Hashable, Sendable { case connect, idle, deadline, total }
}

extension HTTPError {
    /// Where it happened: host, with the port when it is not the scheme's own. None when we stopped it ourselves.
    package var host: String? {
        switch self {
        case .unreachable(let host, _), .timedOut(let host, _), .untrusted(let host, _), .broken(let host, _),
            .tooLong(let host, _), .redirect(let host, _), .headerTooLong(let host, _),
            .forbiddenAddress(let host, _), .invalidRequest(let host, _):
            host
        case .cancelled: nil
        }
    }

    /// What went wrong, in one clause without the host.
    package var reason: String {
        switch self {
        case .unreachable(_, let said): "not reachable (\(said))"
        case .timedOut(_, .connect): "no connection within the time limit"
        case .timedOut(_, .idle): "silent for longer than the time limit"
        case .timedOut(_, .deadline): "no answer within the time limit"
        case .timedOut(_, .total): "too slow: less than \(TransferClock.minimumRate) bytes a second"
        case .untrusted(_, let said): "its certificate is not trusted (\(said))"
        case .broken(_, let said): "the connection broke (\(said))"
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
