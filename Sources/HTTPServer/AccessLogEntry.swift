import Essentials
import TextTools

/// One request and its answer, as they went over the wire.
package struct AccessLogEntry: Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var status: Int
    /// Bytes of the two bodies.
    package var requestBytes: Int
    package var responseBytes: Int
    /// Which of the server's connections it came over, from 1.
    package var connection: Int
    package var started: Date
    package var seconds: Double
}
