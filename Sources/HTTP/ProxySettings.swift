import Foundation

/// The proxies that an environment names, read as curl reads them: `http_proxy` in lower case only (a CGI script gets
/// `HTTP_PROXY` from any visitor's `Proxy:` header), the others in either case.
package struct ProxySettings: Hashable, Sendable {
    private var byScheme: [String: String] = [:]
    private var exceptions: [String]

    package init(_ environment: [String: String]) {
        func value(_ names: String...) -> String? {
            names.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let all = value("all_proxy", "ALL_PROXY")
        byScheme["http"] = value("http_proxy") ?? all
        byScheme["https"] = value("https_proxy", "HTTPS_PROXY") ?? all
        exceptions = (value("no_proxy", "NO_PROXY") ?? "").lowercased()
            .split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
    }

    /// The proxy that a request to this origin goes through.
    func proxy(for origin: Origin) -> URL? {
        guard let text = byScheme[origin.scheme], !origin.isLoopback, !isException(origin.host) else {
            return nil
        }
        return URL(string: text.contains("://") ? text : "http://" + text)
    }

    /// The proxy on the way to a URL, as it may be shown: without credentials.
    package func shown(for url: URL) -> String? {
        guard let origin = Origin(url), let proxy = proxy(for: origin), let way = Origin(proxy) else {
            return nil
        }
        return "\(proxy.scheme ?? "http")://\(way)"
    }

    private func isException(_ host: String) -> Bool {
        exceptions.contains { exception in
            let name = exception.hasPrefix(".") ? String(exception.dropFirst()) : exception
            return name == "*" || host == name || host.hasSuffix("." + name)
        }
    }
}

extension ProxySettings {
    /// Keeps loopback away from the proxies that libcurl reads from the process's environment by itself
    /// (`URLSession` on Linux has no setting for it: `connectionProxyDictionary` is not read). Does nothing when no
    /// proxy is named. Call it first in `main`, while there is one thread: it changes the environment. A client calls it
    /// too, once, before its first connection.
    package static func prepareProcess() { _ = isPrepared }

    private static let isPrepared: Bool = {
        let environment = ProcessInfo.processInfo.environment
        let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        guard names.contains(where: { environment[$0]?.isEmpty == false }) else { return true }
        return setenv("no_proxy", noProxy(environment), 1) == 0
    }()

    /// What `no_proxy` has to be: what it was, and loopback. `localhost` covers its subdomains too.
    static func noProxy(_ environment: [String: String]) -> String {
        let known = [environment["no_proxy"], environment["NO_PROXY"]].compactMap { $0 }.first { !$0.isEmpty }
        let loopback = ["localhost", "127.0.0.1", "127.0.0.0/8", "::1"]
        return known == "*" ? "*" : ([known].compactMap { $0 } + loopback).joined(separator: ",")
    }
}
