/// The address of a source: a path, a `file://` path, a URL or an scp-style address.
package enum SourceAddress: Hashable, Sendable {
    /// A local path.
    case path(String)
    /// `file://PATH`
    case file(String)
    case url(RemoteURL)
    /// An scp-style address, `user@host:path`.
    case scp(user: String?, host: String, path: String)
    case invalid(InvalidURL)

    package init(_ text: String) {
        if text.unicodeScalars.count >= 7, text.prefix(7).lowercased() == "file://" {
            self = .file(String(text.dropFirst(7)))
        } else if text.firstRange(of: "://") != nil {
            do throws(InvalidURL) { self = .url(try RemoteURL(text)) } catch { self = .invalid(error) }
        } else if Self.hasPassword(text) {
            self = .invalid(InvalidURL(reason: "it contains a password"))
        } else if let address = Self.parseSCP(text), case .scp(.some, _, _) = address {
            self = address
        } else {
            self = .path(text)
        }
    }

    /// Returns whether the text has the form `user:password@host:path`, which neither ssh nor Git supports.
    private static func hasPassword(_ text: String) -> Bool {
        let head = Array(text.unicodeScalars).prefix { $0 != "/" }
        guard let at = head.lastIndex(of: "@") else { return false }
        return head[..<at].contains(":") && head[at...].contains(":")
    }

    /// Parses an scp-style address: a colon before any slash, and a host of more than one letter,
    /// so not `C:path` or `./a:b`.
    package static func parseSCP(_ text: String) -> SourceAddress? {
        let scalars = Array(text.unicodeScalars)
        let head = scalars.prefix { $0 != "/" && $0 != ":" }
        guard head.endIndex < scalars.endIndex, scalars[head.endIndex] == ":", head.count > 1 else {
            return nil
        }
        let at = head.lastIndex(of: "@")
        func string(_ part: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(part)) }
        return .scp(
            user: at.map { string(head[..<$0]) }, host: string(at.map { head[($0 + 1)...] } ?? head[...]),
            path: string(scalars[(head.endIndex + 1)...]))
    }

    /// The https URL of the same repository for an ssh address; `nil` for other addresses and for a
    /// non-default port.
    package var httpsAddress: String? {
        switch self {
        case .scp(_, let host, let path):
            let path = path.drop { $0 == "/" }
            return path.hasPrefix("~") ? nil : "https://\(host)/\(path)"
        case .url(let url):
            guard ["ssh", "git+ssh", "ssh+git"].contains(url.scheme), url.origin.port == 22 else {
                return nil
            }
            return "https://\(url.origin.host)\(url.tail.hasPrefix("/") ? "" : "/")\(url.tail)"
        case .path, .file, .invalid: return nil
        }
    }

    /// Returns the reason to refuse the source; `nil` if it is accepted.
    /// - Parameter isFromOutside: Whether the address comes from a settings file of a source.
    package func objection(isFromOutside: Bool) -> String? {
        switch self {
        case .path, .file: nil
        case .invalid(let error): error.reason
        case .url(let url): Self.objection(to: url, isFromOutside: isFromOutside)
        case .scp(let user, let host, let path): Self.objection(user: user, host: host, path: path)
        }
    }

    private static func objection(to url: RemoteURL, isFromOutside: Bool) -> String? {
        if isFromOutside, let objection = url.objectionFromOutside { return objection }
        if url.hasEncodedControl { return "it contains an encoded control character" }
        return url.hasPathOnly ? nil : "it contains a query or fragment"
    }

    /// Returns the reason to refuse an scp-style address. ssh would read a host, user or path that
    /// begins with a dash as an option (CVE-2017-1000117).
    private static func objection(user: String?, host: String, path: String) -> String? {
        if (user ?? "").hasPrefix("-") || host.hasPrefix("-") || path.hasPrefix("-") {
            return "its user, host or path begins with a dash"
        }
        do throws(InvalidURL) { _ = try RemoteURL("ssh://\(user.map { $0 + "@" } ?? "")\(host)/") } catch {
            return error.reason
        }
        let isPlain = !path.isEmpty && path.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        return isPlain ? nil : "its path is empty or contains a control character"
    }
}
