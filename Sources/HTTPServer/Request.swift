import TextTools

/// A request as a handler gets it. Its body is read only when asked for.
package struct Request: Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var body: RequestBody
    /// Values that the route's pattern named.
    package var parameters: [String: String] = [:]

    package init(
        _ method: String, _ target: RequestTarget, fields: HTTPFields = [:], body: RequestBody = .none
    ) {
        (self.method, self.target, self.fields, self.body) = (method, target, fields, body)
    }

    /// For tests and for composing handlers: no port is needed.
    package init(
        _ method: String, _ target: String, fields: HTTPFields = [:], body: [UInt8] = []
    ) throws(BadRequest) {
        self.init(method, try RequestTarget(target), fields: fields, body: RequestBody(body))
    }

    /// The host asked for, lower-case, without its port; empty when the client named none.
    package var host: String {
        let field = (fields["Host"] ?? "").lowercased()
        if field.hasPrefix("["), let end = field.firstIndex(of: "]") { return String(field[...end]) }
        return String(field.prefix { $0 != ":" })
    }

    /// A value that the route's pattern named; empty when it did not.
    package subscript(_ parameter: String) -> String { parameters[parameter] ?? "" }
}
