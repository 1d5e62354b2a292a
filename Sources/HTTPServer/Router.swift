/// Answers a request.
package typealias Handler = @Sendable (Request) async throws -> Response

/// Routes as a value: method and pattern to handler, tried in order. `{name}` stands for one part of the path,
/// `{name...}` at the end for the rest (also none).
package struct Router: Sendable {
    private var routes: [Route] = []
    private var fallback: Handler

    private struct Route: Sendable {
        var method: String
        var pattern: [Substring]
        var handler: Handler
    }

    /// `fallback` answers what no route does.
    package init(fallback: @escaping Handler = { _ in .text("Not Found", status: 404) }) {
        self.fallback = fallback
    }

    /// Adds a route; one for GET answers HEAD too.
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
        var parameters: [String: String] = [:], rest = path
        for part in pattern {
            if part.hasPrefix("{"), part.hasSuffix("...}") {
                parameters[String(part.dropFirst().dropLast(4))] = rest.joined(separator: "/")
                return parameters
            }
            guard let given = rest.popFirst() else { return nil }
            if part.hasPrefix("{"), !given.isEmpty {
                let end = part.firstIndex(of: "}") ?? part.endIndex
                let suffix = part[end...].dropFirst()
                guard given.hasSuffix(suffix), given.count > suffix.count else { return nil }
                parameters[String(part[..<end].dropFirst())] = String(given.dropLast(suffix.count))
            } else if part != given[...] {
                return nil
            }
        }
        return rest.isEmpty || rest == [""] ? parameters : nil
    }
}
