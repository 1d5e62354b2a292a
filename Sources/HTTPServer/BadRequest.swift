/// Input that is no request, or one that is not served here; answered with `status`.
package struct BadRequest: Error, Hashable, Sendable {
    package var status: Int
    /// One sentence.
    package var reason: String

    package init(_ status: Int = 400, _ reason: String) { (self.status, self.reason) = (status, reason) }
}
