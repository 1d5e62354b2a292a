extension StringProtocol {
    /// A location (URL, `user@host:path` or path) as it may be shown, stored or committed: without user, password, query
    /// and fragment. The user of ssh stays: it is part of the address.
    package var redactedURL: String {
        let text = Array(unicodeScalars)
        if let mark = URLRedaction.mark(in: text[...]) { return URLRedaction.redacted(text[...], mark) }
        return URLRedaction.redactedSCP(text)
    }

    /// A text with every URL in it as it may be shown.
    package var redactingURLs: String {
        URLRedaction.redacted(in: Array(unicodeScalars), preservesQuery: false)
    }

    /// A text without the user and password of any URL in it.
    package var redactingUsers: String {
        URLRedaction.redacted(in: Array(unicodeScalars), preservesQuery: true)
    }
}

/// Removes credentials from URLs, also from those that no parser accepts. Scalars and not characters: a combining mark
/// after `@` makes one character of both.
private enum URLRedaction {
    typealias Scalars = ArraySlice<Unicode.Scalar>

    /// The position of the first `://`.
    static func mark(in text: Scalars) -> Int? {
        text.indices.first { index in
            text[index...].starts(with: [":", "/", "/"])
        }
    }

    static func redacted(_ url: Scalars, _ mark: Int, preservesQuery: Bool = false) -> String {
        let scheme = string(url[..<mark]).lowercased()
        let rest = url[(mark + 3)...]
        let authority = rest.prefix { !["/", "?", "#"].contains($0) }
        let tail = rest[authority.endIndex...]
        let at = authority.lastIndex(of: "@")
        let server = at.map { authority[($0 + 1)...] } ?? authority
        // A password may contain what ends the authority: only what is certainly no password is shown.
        guard isServer(server) || !tail.contains("@") else { return "\(scheme)://…" }
        var user = ""
        if let at, scheme.contains("ssh") { user = string(authority[..<at].prefix { $0 != ":" }) + "@" }
        let path = preservesQuery ? tail : tail.prefix { $0 != "?" && $0 != "#" }
        let beforeAt = path.lastIndex(of: "@").map { path[..<$0] } ?? []
        return "\(scheme)://\(user)\(string(server))\(beforeAt.contains(":") ? "/…" : string(path))"
    }

    /// `user@host:path` without a password; a path stays as it is.
    static func redactedSCP(_ text: [Unicode.Scalar]) -> String {
        let head = text.prefix { $0 != "/" }
        guard let at = head.lastIndex(of: "@"), text[at...].contains(":") else { return string(text[...]) }
        let user = head[..<at].prefix { $0 != ":" }
        let rest = text[at...].prefix { $0 != "?" && $0 != "#" }
        return string(user) + string(rest)
    }

    static func redacted(in text: [Unicode.Scalar], preservesQuery: Bool) -> String {
        var (result, rest) = ("", text[...])
        while let mark = mark(in: rest) {
            let scheme = rest[..<mark].suffix(while: isSchemeScalar)
            result += string(rest[..<scheme.startIndex])
            let behind = rest[(mark + 3)...].prefix { !endsURL($0) }
            let trailing = behind.suffix(while: { [".", ",", ":", ";", ")", "!"].contains($0) })
            let url = rest[scheme.startIndex..<trailing.startIndex]
            result +=
                scheme.isEmpty || behind.isEmpty
                ? string(url) : redacted(url, mark, preservesQuery: preservesQuery)
            rest = rest[trailing.startIndex...]
        }
        return result + string(rest)
    }

    private static func string(_ scalars: Scalars) -> String { String(String.UnicodeScalarView(scalars)) }

    private static func isSchemeScalar(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return false }
        let character = Character(scalar)
        return character.isLetter || character.isNumber || ["+", "-", "."].contains(scalar)
    }

    private static func endsURL(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.value < 32 || ["\"", "'", "<", ">", "`"].contains(scalar)
    }

    /// `host`, `host:port` or `[address]:port`.
    private static func isServer(_ server: Scalars) -> Bool {
        let port = server.reversed().prefix { $0.isASCII && Character($0).isNumber }
        let before = server.dropLast(port.count)
        let name = before.last == ":" ? before.dropLast() : server
        return name.first == "[" ? name.last == "]" : !name.isEmpty && !name.contains(":")
    }
}

extension String {
    /// As it may be shown: what looks like somebody's token, put where it does not belong, is left out.
    package var withoutTokens: String {
        let starts = ["hf_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-"]
        return starts.contains { contains($0) } ? "…" : self
    }
}

extension ArraySlice<Unicode.Scalar> {
    /// The longest suffix whose elements all satisfy the condition.
    fileprivate func suffix(while condition: (Unicode.Scalar) -> Bool) -> Self {
        var start = endIndex
        while start > startIndex, condition(self[start - 1]) { start -= 1 }
        return self[start...]
    }
}
