/// The host names that a server on loopback answers to. A web page of another name that a rebound DNS record leads to
/// 127.0.0.1 still sends its own name, so that it cannot read or change anything here.
enum LoopbackHost {
    /// - Parameter host: the value of `Host` without its port, in lower case. Clients of HTTP/1.0 may send none.
    static func accepts(_ host: String) -> Bool {
        if host.isEmpty || host == "localhost" || host.hasSuffix(".localhost") { return true }
        if host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
