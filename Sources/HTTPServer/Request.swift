import TextTools

/// An HTTP request passed to a handler. Its body is read lazily.
package struct Request: Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var body: RequestBody
    /// The path parameters of the route's pattern.
    package var parameters: [String: String] = [:]

    package init(
        _ method: String, _ target: RequestTarget, fields: HTTPFields = [:], body: RequestBody = .none
    ) {
        (self.method, self.target, self.fields, self.body) = (method, target, fields, body)
    }

    /// Creates a request from text, for tests and for combining handlers.
    package init(
        _ method: String, _ target: String, fields: HTTPFields = [:], body: [UInt8] = []
    ) throws(BadRequest) {
        self.init(method, try RequestTarget(target), fields: fields, body: RequestBody(body))
    }

    /// The requested host, in lower case, without port; empty if the `Host` header is missing.
    package var host: String {
        let field = (fields["Host"] ?? "").lowercased()
        if field.hasPrefix("["), let end = field.firstIndex(of: "]") { return String(field[...end]) }
        return String(field.prefix { $0 != ":" })
    }

    /// A path parameter of the route's pattern; empty if the pattern does not have it.
    package subscript(_ parameter: String) -> String { parameters[parameter] ?? "" }
}
