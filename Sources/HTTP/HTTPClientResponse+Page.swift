extension HTTPClientResponse {
    /// Whether the response is a web page although an API response was expected: it comes from a proxy,
    /// a login page or another kind of server.
    package var isWebPage: Bool {
        let type = headers["Content-Type"]?.lowercased() ?? ""
        let start = body.prefix(256).drop { $0 <= 0x20 }
        return type.contains("html") || start.first == UInt8(ascii: "<")
    }

    /// Whether the response has one of the headers that the Hub adds to all its responses (hub-api.md 8.1).
    package var isFromHub: Bool {
        ["X-Request-Id", "X-Error-Code", "X-Amz-Cf-Id"].contains { headers[$0] != nil }
    }
}
