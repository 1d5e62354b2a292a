import Essentials

/// A proxy in the notation of curl and Git: `http://user:password@host:port`; a plain `host:port` is an
/// HTTP proxy.
package struct Proxy: Hashable, Sendable, CustomStringConvertible {
    /// The URL scheme in lower case.
    let scheme: String
    let host: String
    let port: Int?
    let user: String?
    let password: Secret?

    /// Parses a proxy. Invalid text is kept, so that `isSupported` rejects it instead of no proxy being used.
    init(_ text: String) {
        let separator = text.firstRange(of: "://")
        scheme = separator.map { text[..<$0.lowerBound].lowercased() } ?? "http"
        let authority = text[(separator?.upperBound ?? text.startIndex)...].prefix { !"/?#".contains($0) }
        let at = authority.lastIndex(of: "@")
        let address = at.map { authority[authority.index(after: $0)...] } ?? authority
        let pair = at.map {
            authority[..<$0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        }
        user = pair.map { Self.decoded($0[0]) }
        password = pair.flatMap { $0.count > 1 ? Secret(exactly: Self.decoded($0[1])) : nil }
        let colon = address.last == "]" ? nil : address.lastIndex(of: ":")
        port = colon.flatMap { Int(address[address.index(after: $0)...]) }
        host = String(colon.map { address[..<$0] } ?? address).lowercased()
    }

    private static func decoded(_ text: Substring) -> String { text.percentDecoded ?? String(text) }

    private static let schemes = ["http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h"]

    package var isSupported: Bool {
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return Self.schemes.contains(scheme) && SSRFGuard.isPlain(name)
            && (port.map { (1...65_535).contains($0) } ?? true)
    }

    /// The proxy's address without user and password.
    package var description: String { "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")" }
}

/// The proxies of the environment variables, read as curl does: `http_proxy` in lower case only (a CGI
/// script gets `HTTP_PROXY` from any client's `Proxy:` header), the others in either case.
package struct ProxySettings: Hashable, Sendable {
    /// The proxies by scheme of the request, with the variable that sets them.
    private var byScheme: [String: SettingValue] = [:]
    private var exceptions: [String]

    package init(_ environment: [String: String]) {
        func value(_ names: String...) -> SettingValue? {
            names.lazy.compactMap { name in
                environment[name].flatMap { $0.isEmpty ? nil : SettingValue(value: $0, origin: name) }
            }.first
        }
        let all = value("all_proxy", "ALL_PROXY")
        byScheme["http"] = value("http_proxy") ?? all
        byScheme["https"] = value("https_proxy", "HTTPS_PROXY") ?? all
        exceptions = (value("no_proxy", "NO_PROXY")?.value ?? "").lowercased()
            .split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init)
    }

    /// Returns the proxy for requests to the origin; `nil` if none is used.
    func proxy(for origin: Origin) -> Proxy? { setting(for: origin).map { Proxy($0.value) } }

    func setting(for origin: Origin) -> SettingValue? {
        mayUseProxy(origin) ? byScheme[origin.scheme] : nil
    }

    /// Whether requests to the origin may use a proxy: not for loopback, nor for the exceptions of
    /// `no_proxy`.
    func mayUseProxy(_ origin: Origin) -> Bool {
        var host = origin.host[...]
        while host.last == "." { host = host.dropLast() }
        let address = IPAddress(literal: String(host))
        guard !origin.isLoopback, host != "localhost", !host.hasSuffix(".localhost"),
            address?.isLoopback != true
        else { return false }
        return !exceptions.contains { Self.covers($0, String(host), address) }
    }

    /// Whether a `no_proxy` exception matches the host. An exception is `*`, a name with its
    /// subdomains, an address, or a range of addresses (`10.0.0.0/8`).
    private static func covers(_ exception: String, _ host: String, _ address: IPAddress?) -> Bool {
        if exception == "*" { return true }
        let bare = exception.trimmingBrackets()
        guard let address else {
            let name = bare.hasPrefix(".") ? String(bare.dropFirst()) : bare
            return !name.isEmpty && (host == name || host.hasSuffix("." + name))
        }
        let halves = bare.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let text = halves[0].trimmingBrackets()
        guard let network = IPAddress(literal: text), network.bytes.count == address.bytes.count else {
            return false
        }
        let bits = halves.count > 1 ? Int(halves[1]) : network.bytes.count * 8
        guard let bits, (0...network.bytes.count * 8).contains(bits) else { return false }
        return network.hasPrefix(of: bits, inCommonWith: address)
    }
}

extension IPAddress {
    var isLoopback: Bool {
        switch self {
        case .v4(let bytes): bytes.first == 127
        case .v6(let bytes):
            bytes == [UInt8](repeating: 0, count: 15) + [1]
                || (bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xff, 0xff]) && bytes[12] == 127)
        }
    }

    /// Whether the first `bits` bits of the two addresses, which have the same length, are equal.
    func hasPrefix(of bits: Int, inCommonWith other: IPAddress) -> Bool {
        zip(bytes, other.bytes).enumerated().allSatisfy { index, pair in
            let bitsInByte = min(max(bits - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> bitsInByte)
            return pair.0 & mask == pair.1 & mask
        }
    }
}
