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

    private func isException(_ host: String) -> Bool {
        exceptions.contains { exception in
            let name = exception.hasPrefix(".") ? String(exception.dropFirst()) : exception
            return name == "*" || host == name || host.hasSuffix("." + name)
        }
    }
}
