import Essentials

/// Who may be asked where a name came from anybody: of an image's registry, of a source's LFS server, and of where these
/// lead further. None of it may lead into the network that this machine stands in (design 4).
package struct SSRFGuard: Sendable {
    /// Hosts that the operator named, with or without their port, in lower case.
    package var allowedHosts: Set<String>
    package var lookUp: @Sendable (String) async -> [IPAddress]

    package init(
        allowedHosts: Set<String>,
        lookUp: @escaping @Sendable (String) async -> [IPAddress] = IPAddress.lookUp
    ) {
        (self.allowedHosts, self.lookUp) = (allowedHosts, lookUp)
    }

    /// What speaks against asking there; nil when nothing does.
    /// - Parameter home: only it may be spoken to without TLS, and only on loopback.
    package func rejectionReason(to url: URL, trustedOrigin: Origin) async -> String? {
        guard let origin = Origin(url), ["http", "https"].contains(origin.scheme) else {
            return "it is no https address"
        }
        guard url.user == nil, url.password == nil else { return "it holds a user's name or password" }
        guard Self.isPlain(origin.host) else { return "its host is no plain name" }
        let isNamed = isAllowed(origin)
        guard origin.scheme == "https" || (isNamed && origin == trustedOrigin && origin.isLoopback) else {
            return "it is not https"
        }
        return isNamed ? nil : await privateNetworkReason(origin.host)
    }

    /// What speaks against asking a host otherwise than by http; nil when nothing does. Whoever connects looks the name
    /// up once more.
    package func rejectionReason(toHost host: String) async -> String? {
        guard Self.isPlain(host) else { return "its host is no plain name" }
        let isNamed = allowedHosts.contains { $0 == host || $0.hasPrefix(host + ":") }
        return isNamed ? nil : await privateNetworkReason(host)
    }

    /// Where connections for such requests may go, also after a redirect and a second look-up of the name.
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
        let found = await lookUp(host).first { $0.isPrivate }
        return found.map { "its address \($0) is this machine's or a private network's" }
    }

    /// Names and addresses; nothing that one reader might take for another host than the next.
    static func isPlain(_ host: String) -> Bool {
        !host.isEmpty && host.count < 254
            && host.utf8.allSatisfy { byte in
                ("a"..."z").contains(Character(UnicodeScalar(byte)))
                    || ("0"..."9").contains(Character(UnicodeScalar(byte))) || "-._:".utf8.contains(byte)
            }
    }
}
