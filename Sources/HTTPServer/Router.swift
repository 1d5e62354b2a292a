/// A function that responds to a request.
package typealias Handler = @Sendable (Request) async throws -> Response

/// Router that maps method and path pattern to a handler; routes are tried in order. `{name}` matches
/// one path segment, `{name...}` at the end matches the remaining segments (also none).
package struct Router: Sendable {
    private var routes: [Route] = []
    private var fallback: Handler

    private struct Route: Sendable {
        var method: String
        var pattern: [Substring]
        var handler: Handler
    }

    /// - Parameter fallback: handles the requests that no route matches.
    package init(fallback: @escaping Handler = { _ in .text("Not Found", status: 404) }) {
        self.fallback = fallback
    }

    /// Adds a route. A GET route also handles HEAD.
    package mutating func on(_ method: String, _ pattern: String, _ handler: @escaping Handler) {
        routes.append(Route(method: method, pattern: pattern.split(separator: "/"), handler: handler))
    }

    package func handle(_ request: Request) async throws -> Response {
        let method = request.method == "HEAD" ? "GET" : request.method
        for route in routes where route.method == method {
            guard let parameters = Self.match(route.pattern[...], request.target.segments[...]) else {
                continue
            }
            var request = request
            request.parameters = parameters
            return try await route.handler(request)
        }
        return try await fallback(request)
    }

    private static func match(
        _ pattern: ArraySlice<Substring>, _ path: ArraySlice<String>
    ) -> [String: String]? {
        var parameters: [String: String] = [:], remaining = path
        for part in pattern {
            if part.hasPrefix("{"), part.hasSuffix("...}") {
                parameters[String(part.dropFirst().dropLast(4))] = remaining.joined(separator: "/")
                return parameters
            }
            guard let segment = remaining.popFirst() else { return nil }
            if part.hasPrefix("{"), !segment.isEmpty {
                let end = part.firstIndex(of: "}") ?? part.endIndex
                let suffix = part[end...].dropFirst()
                guard segment.hasSuffix(suffix), segment.count > suffix.count else { return nil }
                parameters[String(part[..<end].dropFirst())] = String(segment.dropLast(suffix.count))
            } else if part != segment[...] {
                return nil
            }
        }
        return remaining.isEmpty || remaining == [""] ? parameters : nil
    }
}
