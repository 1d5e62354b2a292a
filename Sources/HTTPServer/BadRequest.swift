/// The error of an invalid or unsupported request; the response has the status `status`.
package struct BadRequest: Error, Hashable, Sendable {
    package var status: Int
    /// The description of the error, one sentence.
    package var reason: String

    package init(_ status: Int = 400, _ reason: String) { (self.status, self.reason) = (status, reason) }
}
