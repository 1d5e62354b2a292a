extension HTTPClientResponse {
    /// A web page, where something for programs was expected: a proxy, a login, another kind of server.
    package var isWebPage: Bool {
        let type = headers["Content-Type"]?.lowercased() ?? ""
        let start = body.prefix(256).drop { $0 <= 0x20 }
        return type.contains("html") || start.first == UInt8(ascii: "<")
    }

    /// Carries one of the headers that the Hub puts into each of its answers (hub-api.md 8.1).
    package var isFromHub: Bool {
        ["X-Request-Id", "X-Error-Code", "X-Amz-Cf-Id"].contains { headers[$0] != nil }
    }
}
