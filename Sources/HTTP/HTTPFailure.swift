/// Why no answer came. A status, whatever it is, is an answer and no failure.
package enum HTTPFailure: Error, Hashable, Sendable {
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
    case cancelled

    package enum TimeLimit: String, Hashable, Sendable { case connect, idle, deadline }
}
