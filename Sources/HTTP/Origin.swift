import Essentials

/// Scheme, host and port of a URL (RFC 6454): the scope of a token, and the server named in errors.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let host: String
    package let port: Int

    package init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let host = url.host?.lowercased(), !host.isEmpty else {
            return nil
        }
        // Other URL parsers might see a different host if it had other characters.
        let isPlain = host.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "-._:[]".utf8.contains(byte)
        }
        guard isPlain else { return nil }
        self.scheme = scheme
        self.host = host.trimmingBrackets()
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    /// The host, with the port if it is not the scheme's default.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Whether the host is `localhost`, `*.localhost`, in 127.0.0.0/8, or ::1.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
