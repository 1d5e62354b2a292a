import Essentials

/// Scheme, host and port of a URL: what a token belongs to, and who answers for a failure.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let host: String
    package let port: Int

    package init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let host = url.host?.lowercased(), !host.isEmpty else {
            return nil
        }
        // What is neither a name nor an address would be another host to another parser.
        let isPlain = host.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "-._:[]".utf8.contains(byte)
        }
        guard isPlain else { return nil }
        self.scheme = scheme
        self.host = host.trimmingBrackets()
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    /// `host`, with the port when it is not the scheme's own.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// `localhost`, `*.localhost`, 127.0.0.0/8 and ::1: what never leaves this machine.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
