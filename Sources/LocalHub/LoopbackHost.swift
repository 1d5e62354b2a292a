/// The host names that a server on a loopback address accepts. This prevents DNS rebinding attacks:
/// a web page whose host name resolves to 127.0.0.1 sends its own name in `Host`, and is rejected.
enum LoopbackHost {
    /// Returns whether the server accepts the host.
    /// - Parameter host: the value of `Host` without its port, in lower case. Clients of HTTP/1.0
    ///   may send none.
    static func accepts(_ host: String) -> Bool {
        if host.isEmpty || host == "localhost" || host.hasSuffix(".localhost") { return true }
        if host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
