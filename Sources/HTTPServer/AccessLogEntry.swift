import Essentials
import TextTools

/// An access log entry: one request and its response, as they were transferred.
package struct AccessLogEntry: Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var status: Int
    /// The bytes of the request's body.
    package var requestBytes: Int
    /// The bytes of the response's body.
    package var responseBytes: Int
    /// The number of the server's connection, from 1.
    package var connection: Int
    package var started: Date
    package var seconds: Double
}
