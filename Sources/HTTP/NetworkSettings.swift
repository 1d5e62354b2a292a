import Essentials

/// A setting, and where it was found, for `doctor`.
package struct SettingValue: Hashable, Sendable {
    package var value: String
    /// `SSL_CERT_FILE`, `http.sslCAInfo`.
    package var origin: String
}

/// The certificates that a connection is verified and proven with. Paths of PEM files.
package struct TLSTrust: Hashable, Sendable {
    /// Instead of the system's authorities.
    package var authorities: SettingValue?
    package var authorityDirectory: SettingValue?
    /// Our own certificate, and its key where that is in another file.
    package var certificate: SettingValue?
    package var key: SettingValue?
}

/// Proxies, certificates and rewritten addresses, as the environment and Git's configuration have them
/// (git-config(1), curl(1)). Git's settings that turn checks off (`http.sslVerify`) are not read.
package struct NetworkSettings: Hashable, Sendable {
    /// One entry `http.*`, `http.<url>.*` or `url.<base>.insteadOf`.
    package struct Entry: Hashable, Sendable {
        package var section: String
        package var subsection: String?
        /// In lower case.
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

    /// - Parameter git: in the order in which Git reads them; later ones win.
    package init(environment: [String: String] = [:], git: [Entry] = []) {
        proxies = ProxySettings(environment)
        self.environment = environment.filter { Self.variables.contains($0.key) && !$0.value.isEmpty }
        entries = git
    }

    /// The same with further entries, which win over those before.
    package func adding(_ git: [Entry]) -> NetworkSettings {
        var settings = self
        settings.entries += git
        return settings
    }

    /// The proxy on the way to a URL. Git's configuration goes before the environment; an empty value there is none.
    package func proxy(for url: URL) -> Proxy? { proxySetting(for: url).map { Proxy($0.value) } }

    package func proxySetting(for url: URL) -> SettingValue? {
        guard let origin = Origin(url), proxies.mayUseProxy(origin) else { return nil }
        guard let own = http("proxy", "http.proxy", for: url) else { return proxies.setting(for: origin) }
        return own.value.isEmpty ? nil : own
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

    /// The address that a source is read from: the longest `url.<base>.insteadOf` that it begins with is replaced by
    /// the base.
    package func rewritten(_ address: String) -> String {
        let rules = entries.filter { $0.section == "url" && $0.key == "insteadof" && !$0.value.isEmpty }
        let fitting = rules.filter { address.hasPrefix($0.value) && $0.subsection != nil }
        guard let best = fitting.max(by: { $0.value.utf8.count < $1.value.utf8.count }),
            let base = best.subsection
        else { return address }
        return base + address.dropFirst(best.value.count)
    }

    private func variable(_ name: String) -> SettingValue? {
        environment[name].map { SettingValue(value: $0, origin: name) }
    }

    private func path(_ key: String, _ name: String, for url: URL) -> SettingValue? {
        guard var found = http(key, name, for: url), !found.value.isEmpty else { return nil }
        if found.value.hasPrefix("~/"), let home = environment["HOME"] {
            found.value = home + found.value.dropFirst()
        }
        return found
    }

    /// The value of the `http.<url>` that fits best, else of `http` itself.
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

/// The URL in `http.<url>.*`: scheme, host and port must be equal, `*` stands for one label of the host, and the path
/// must begin with its (git-config(1)).
struct URLPattern {
    /// How well a pattern fits: the host first, then the path.
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
        let rest = text[separator.upperBound...]
        var authority = rest.prefix { $0 != "/" }
        path = Self.folder(String(rest.dropFirst(authority.count)))
        let at = authority.lastIndex(of: "@")
        user = at.map { String(authority[..<$0].prefix { $0 != ":" }) }
        if let at { authority = authority[authority.index(after: at)...] }
        let colon = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        let written =
            colon.map { Int(authority[authority.index(after: $0)...]) } ?? (scheme == "https" ? 443 : 80)
        guard let written else { return nil }
        port = written
        let host = (colon.map { authority[..<$0] } ?? authority).lowercased().trimmingBrackets()
        labels = host.split(separator: ".", omittingEmptySubsequences: false)
    }

    /// `nil` if the pattern does not fit.
    func rank(for url: URL) -> Rank? {
        guard let origin = Origin(url), origin.scheme == scheme, origin.port == port else { return nil }
        guard user == nil || user == url.user else { return nil }
        let own = origin.host.split(separator: ".", omittingEmptySubsequences: false)
        guard own.count == labels.count, zip(labels, own).allSatisfy({ $0 == "*" || $0 == $1 }) else {
            return nil
        }
        guard Self.folder(url.path).hasPrefix(path) else { return nil }
        let exact = labels.filter { $0 != "*" }.reduce(0) { $0 + $1.count + 1 }
        return Rank(host: exact + 1, path: path.utf8.count, hasUser: user != nil)
    }

    /// With a slash at both ends, so that a prefix ends between two names.
    private static func folder(_ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : "/" + path
        return whole.hasSuffix("/") ? whole : whole + "/"
    }
}
