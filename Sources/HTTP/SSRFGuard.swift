import Essentials
import Synchronization

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
            return "it is not an https URL"
        }
        guard url.user == nil, url.password == nil else { return "it contains a user or password" }
        guard Self.isPlain(origin.host) else { return "its host is not a valid name" }
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
        guard Self.isPlain(host) else { return "its host is not a valid name" }
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
            return "its name belongs to this machine or a private network"
        }
        let address = await lookUp(host).first { $0.isPrivate }
        return address.map { "its address \($0) belongs to this machine or a private network" }
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

/// An IP address, classified as public or private. Sources: RFC 6890, RFC 4291, and the metadata
/// addresses of cloud providers.
package enum IPAddress: Hashable, Sendable {
    case v4([UInt8])
    case v6([UInt8])

    /// Whether the address is loopback, private, link-local (including cloud metadata services),
    /// carrier-grade NAT, multicast or unspecified. 198.18/15 is excluded: local proxies resolve every name
    /// to an address in that range.
    package var isPrivate: Bool {
        switch self {
        case .v4(let bytes): Self.isPrivate(bytes)
        case .v6(let bytes): Self.isPrivate(v6: bytes)
        }
    }

    private static func isPrivate(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else { return true }
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168): return true
        case (100, 64...127), (172, 16...31): return true
        case (192, 0): return bytes[2] == 0
        case (224..., _): return true
        default: return false
        }
    }

    private static func isPrivate(v6 bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return true }
        let prefix = bytes.prefix(12)
        let isMapped = prefix.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
        let isTranslated = prefix.elementsEqual([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0])
        if isMapped || isTranslated { return isPrivate(Array(bytes.suffix(4))) }
        // The local-use translation prefix (RFC 8215), and Teredo tunnels (RFC 4380), whose endpoint is
        // unknown.
        if bytes.starts(with: [0, 0x64, 0xff, 0x9b, 0, 1]) || bytes.starts(with: [0x20, 0x01, 0, 0]) {
            return true
        }
        if bytes.starts(with: [0x20, 0x02]) { return isPrivate(Array(bytes[2..<6])) }
        if bytes.prefix(8).allSatisfy({ $0 == 0 }) { return true }
        switch bytes[0] {
        case 0xfc, 0xfd, 0xff: return true
        case 0xfe: return bytes[1] >= 0x80
        default: return false
        }
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let bytes): return bytes.map(String.init).joined(separator: ".")
        case .v6(let bytes):
            let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
                String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
            }
            return groups.joined(separator: ":")
        }
    }
}

extension IPAddress {
    /// Threads for name resolution: the system's resolver blocks.
    private static let threads = ThreadPool(limit: 4)

    /// Resolves a host name or address literal. Returns an empty array if resolution fails (behind a
    /// proxy names need not be resolvable), or immediately if the task is cancelled; the resolver itself
    /// cannot be stopped.
    package static func lookUp(_ host: String) async -> [IPAddress] {
        let lookUp = LookUp()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                guard lookUp.begin(waiter) else { return waiter.resume(returning: []) }
                threads.add { lookUp.end(resolve(host)) }
            }
        } onCancel: {
            lookUp.end([])
        }
    }

    /// The state of one look-up, which returns its result once.
    private final class LookUp: Sendable {
        private let state = Mutex<(waiter: CheckedContinuation<[IPAddress], Never>?, isOver: Bool)>(
            (nil, false))

        /// - Returns: false if the look-up has already ended.
        func begin(_ waiter: CheckedContinuation<[IPAddress], Never>) -> Bool {
            state.withLock { state in
                if !state.isOver { state.waiter = waiter }
                return !state.isOver
            }
        }

        func end(_ addresses: [IPAddress]) {
            let waiter = state.withLock { state in
                state.isOver = true
                return state.waiter.take()
            }
            waiter?.resume(returning: addresses)
        }
    }

    private static func resolve(_ host: String) -> [IPAddress] {
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first) { $0?.pointee.ai_next }.compactMap { entry in
            guard let entry, let address = entry.pointee.ai_addr else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
            return IPAddress(socketAddress: bytes, family: entry.pointee.ai_family)
        }
    }

    /// Reads the address in a `sockaddr_in` or `sockaddr_in6`; `nil` for another family.
    init?(socketAddress bytes: UnsafeRawBufferPointer, family: Int32) {
        switch family {
        case AF_INET where bytes.count >= 8: self = .v4(Array(bytes[4..<8]))
        case AF_INET6 where bytes.count >= 24: self = .v6(Array(bytes[8..<24]))
        default: return nil
        }
    }

    /// Parses an address literal: `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`.
    package init?(literal text: String) {
        var (v4, v6) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &v4) == 1 {
            self = .v4(withUnsafeBytes(of: &v4) { Array($0) })
        } else if inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &v6) == 1 {
            self = .v6(withUnsafeBytes(of: &v6) { Array($0) })
        } else {
            return nil
        }
    }

    /// The bytes of the address, in network order.
    var bytes: [UInt8] {
        switch self {
        case .v4(let bytes), .v6(let bytes): bytes
        }
    }
}
