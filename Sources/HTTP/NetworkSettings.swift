import Essentials

/// The value of a setting and its origin, which `doctor` shows.
package struct SettingValue: Hashable, Sendable {
    package var value: String
    /// The name of the variable or key, such as `SSL_CERT_FILE` or `http.sslCAInfo`.
    package var origin: String
}

/// The certificates for TLS connections: certificate authorities and the client certificate. Paths of
/// PEM files.
package struct TLSTrust: Hashable, Sendable {
    /// Certificate authorities that replace the system's.
    package var authorities: SettingValue?
    package var authorityDirectory: SettingValue?
    /// The client certificate; its key, if in another file, is `key`.
    package var certificate: SettingValue?
    package var key: SettingValue?
}

/// Proxies, certificates and rewritten addresses from the environment and Git's configuration
/// (git-config(1), curl(1)). Git settings that turn off checks (`http.sslVerify`) are ignored.
package struct NetworkSettings: Hashable, Sendable {
    /// An entry `http.*`, `http.<url>.*` or `url.<base>.insteadOf` of Git's configuration.
    package struct Entry: Hashable, Sendable {
        package var section: String
        package var subsection: String?
        /// The key in lower case.
        package var key: String
        package var value: String

        package init(section: String, subsection: String?, key: String, value: String) {
            (self.section, self.subsection) = (section.lowercased(), subsection)
            (self.key, self.value) = (key.lowercased(), value)
        }
    }

    private var proxies: ProxySettings
    private var environment: [String: String]
    private var entries: [Entry]

    private static let variables = [
        "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
        "SSL_CERT_DIR", "HOME",
    ]

    /// - Parameter git: the entries of Git's configuration in Git's order; later ones take precedence.
    package init(environment: [String: String] = [:], git: [Entry] = []) {
        proxies = ProxySettings(environment)
        self.environment = environment.filter { Self.variables.contains($0.key) && !$0.value.isEmpty }
        entries = git
    }

    /// Returns the settings with further entries, which take precedence.
    package func adding(_ git: [Entry]) -> NetworkSettings {
        var settings = self
        settings.entries += git
        return settings
    }

    /// Returns the proxy for a URL; `nil` if none is used. Git's configuration takes precedence over the
    /// environment; an empty value there means no proxy.
    package func proxy(for url: URL) -> Proxy? { proxySetting(for: url).map { Proxy($0.value) } }

    package func proxySetting(for url: URL) -> SettingValue? {
        guard let origin = Origin(url), proxies.mayUseProxy(origin) else { return nil }
        guard let setting = http("proxy", "http.proxy", for: url) else { return proxies.setting(for: origin) }
        return setting.value.isEmpty ? nil : setting
    }

    package func trust(for url: URL) -> TLSTrust {
        var trust = TLSTrust()
        trust.authorities =
            variable("GIT_SSL_CAINFO") ?? path("sslcainfo", "http.sslCAInfo", for: url)
            ?? variable("CURL_CA_BUNDLE") ?? variable("SSL_CERT_FILE")
        trust.authorityDirectory =
            variable("GIT_SSL_CAPATH") ?? path("sslcapath", "http.sslCAPath", for: url)
            ?? variable("SSL_CERT_DIR")
        trust.certificate = variable("GIT_SSL_CERT") ?? path("sslcert", "http.sslCert", for: url)
        trust.key = variable("GIT_SSL_KEY") ?? path("sslkey", "http.sslKey", for: url)
        return trust
    }

    /// Returns the address that a source is read from: the longest matching `url.<base>.insteadOf`
    /// prefix is replaced by the base.
    package func rewritten(_ address: String) -> String {
        let rules = entries.filter { $0.section == "url" && $0.key == "insteadof" && !$0.value.isEmpty }
        let matching = rules.filter { address.hasPrefix($0.value) && $0.subsection != nil }
        guard let best = matching.max(by: { $0.value.utf8.count < $1.value.utf8.count }),
            let base = best.subsection
        else { return address }
        return base + address.dropFirst(best.value.count)
    }

    private func variable(_ name: String) -> SettingValue? {
        environment[name].map { SettingValue(value: $0, origin: name) }
    }

    private func path(_ key: String, _ name: String, for url: URL) -> SettingValue? {
        guard var setting = http(key, name, for: url), !setting.value.isEmpty else { return nil }
        if setting.value.hasPrefix("~/"), let home = environment["HOME"] {
            setting.value = home + setting.value.dropFirst()
        }
        return setting
    }

    /// Returns the value of the best matching `http.<url>` section, or of `http` itself; `nil` if
    /// neither has the key.
    private func http(_ key: String, _ name: String, for url: URL) -> SettingValue? {
        var best: (rank: URLPattern.Rank, value: SettingValue)?
        for entry in entries where entry.section == "http" && entry.key == key {
            let rank = entry.subsection.map { URLPattern($0)?.rank(for: url) } ?? URLPattern.Rank()
            guard let rank, best.map({ !(rank < $0.rank) }) ?? true else { continue }
            best = (rank, SettingValue(value: entry.value, origin: name))
        }
        return best?.value
    }
}

/// The URL pattern in `http.<url>.*` (git-config(1)): scheme, host and port must be equal, `*` matches
/// one label of the host, and the pattern's path must be a prefix of the URL's path.
struct URLPattern {
    /// The specificity of a match, by host, then path, then user.
    struct Rank: Comparable {
        var host = 0
        var path = 0
        var hasUser = false

        static func < (left: Rank, right: Rank) -> Bool {
            (left.host, left.path, left.hasUser ? 1 : 0) < (right.host, right.path, right.hasUser ? 1 : 0)
        }
    }

    private let scheme: String
    private let labels: [Substring]
    private let port: Int
    private let path: String
    private let user: String?

    init?(_ text: String) {
        guard let separator = text.firstRange(of: "://") else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        let remainder = text[separator.upperBound...]
        var authority = remainder.prefix { $0 != "/" }
        path = Self.folder(String(remainder.dropFirst(authority.count)))
        let at = authority.lastIndex(of: "@")
        user = at.map { String(authority[..<$0].prefix { $0 != ":" }) }
        if let at { authority = authority[authority.index(after: at)...] }
        let colon = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        let parsedPort =
            colon.map { Int(authority[authority.index(after: $0)...]) } ?? (scheme == "https" ? 443 : 80)
        guard let parsedPort else { return nil }
        port = parsedPort
        let host = (colon.map { authority[..<$0] } ?? authority).lowercased().trimmingBrackets()
        labels = host.split(separator: ".", omittingEmptySubsequences: false)
    }

    /// Returns the specificity of the match; `nil` if the pattern does not match.
    func rank(for url: URL) -> Rank? {
        guard let origin = Origin(url), origin.scheme == scheme, origin.port == port else { return nil }
        guard user == nil || user == url.user else { return nil }
        let urlLabels = origin.host.split(separator: ".", omittingEmptySubsequences: false)
        guard urlLabels.count == labels.count, zip(labels, urlLabels).allSatisfy({ $0 == "*" || $0 == $1 })
        else {
            return nil
        }
        guard Self.folder(url.path).hasPrefix(path) else { return nil }
        let hostRank = labels.filter { $0 != "*" }.reduce(0) { $0 + $1.count + 1 }
        return Rank(host: hostRank + 1, path: path.utf8.count, hasUser: user != nil)
    }

    /// Returns the path with a slash at both ends, so that a prefix ends at a path component.
    private static func folder(_ path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : "/" + path
        return absolute.hasSuffix("/") ? absolute : absolute + "/"
    }
}
