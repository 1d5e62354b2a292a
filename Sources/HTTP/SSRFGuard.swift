import Essentials

/// Protection against server-side request forgery: checks URLs and hosts from untrusted input, such as
/// an image's registry, a source's LFS server, and the URLs that these refer to. None of them may lead
/// into the private network of this machine (design 4).
package struct SSRFGuard: Sendable {
    /// The hosts that the operator configured, with or without port, in lower case.
    package var allowedHosts: Set<String>
    package var lookUp: @Sendable (String) async -> [IPAddress]

    package init(
        allowedHosts: Set<String>,
        lookUp: @escaping @Sendable (String) async -> [IPAddress] = IPAddress.lookUp
    ) {
        (self.allowedHosts, self.lookUp) = (allowedHosts, lookUp)
    }

    /// Returns the reason why the URL must not be requested; `nil` if it is allowed.
    /// - Parameter trustedOrigin: the only origin that may be used without TLS, and only on loopback.
    package func rejectionReason(to url: URL, trustedOrigin: Origin) async -> String? {
        guard let origin = Origin(url), ["http", "https"].contains(origin.scheme) else {
            return "it is no https address"
        }
        guard url.user == nil, url.password == nil else { return "it holds a user's name or password" }
        guard Self.isPlain(origin.host) else { return "its host is no plain name" }
        let isAllowedHost = isAllowed(origin)
        guard origin.scheme == "https" || (isAllowedHost && origin == trustedOrigin && origin.isLoopback)
        else {
            return "it is not https"
        }
        return isAllowedHost ? nil : await privateNetworkReason(origin.host)
    }

    /// Returns the reason why a host must not be connected to by another protocol than HTTP; `nil` if
    /// it is allowed. The connection itself resolves the name again.
    package func rejectionReason(toHost host: String) async -> String? {
        guard Self.isPlain(host) else { return "its host is no plain name" }
        let isAllowedHost = allowedHosts.contains { $0 == host || $0.hasPrefix(host + ":") }
        return isAllowedHost ? nil : await privateNetworkReason(host)
    }

    /// The addresses that connections for such requests may go to, checked again after redirects and
    /// name resolution.
    package var allowedAddresses: AllowedAddresses { .publicOnly(except: allowedHosts) }

    package func isAllowed(_ origin: Origin) -> Bool {
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        return [host, "\(host):\(origin.port)"].contains { allowedHosts.contains($0) }
    }

    private func privateNetworkReason(_ host: String) async -> String? {
        var name = host[...]
        while name.last == "." { name = name.dropLast() }
        let isAddress = name.contains(":")
        let isLocal =
            ["localhost", "local", "internal", "intranet", "lan"].contains {
                name == $0 || name.hasSuffix(".\($0)")
            }
        guard !isLocal, isAddress || name.contains(".") else {
            return "it is a name of this machine or of a private network"
        }
        let address = await lookUp(host).first { $0.isPrivate }
        return address.map { "its address \($0) is this machine's or a private network's" }
    }

    /// Whether the host is a plain name or address, which all URL parsers read alike.
    static func isPlain(_ host: String) -> Bool {
        !host.isEmpty && host.count < 254
            && host.utf8.allSatisfy { byte in
                ("a"..."z").contains(Character(UnicodeScalar(byte)))
                    || ("0"..."9").contains(Character(UnicodeScalar(byte))) || "-._:".utf8.contains(byte)
            }
    }
}
