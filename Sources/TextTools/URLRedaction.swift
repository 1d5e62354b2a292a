extension StringProtocol {
    /// A location (URL, `user@host:path` or path) for display, storage and commits: without user,
    /// password, query and fragment. The user of an ssh address is part of the address and is kept.
    package var redactedURL: String {
        let text = Array(unicodeScalars)
        if let mark = URLRedaction.mark(in: text[...]) { return URLRedaction.redacted(text[...], mark) }
        return URLRedaction.redactedSCP(text)
    }

    /// The text with every URL in it redacted.
    package var redactingURLs: String {
        URLRedaction.redacted(in: Array(unicodeScalars), preservesQuery: false)
    }

    /// The text without the user and password of any URL in it.
    package var redactingUsers: String {
        URLRedaction.redacted(in: Array(unicodeScalars), preservesQuery: true)
    }
}

/// A redactor that removes credentials from URLs, also from malformed ones. It processes scalars
/// instead of characters: a combining mark after `@` makes one character of both.
private enum URLRedaction {
    typealias Scalars = ArraySlice<Unicode.Scalar>

    /// Returns the position of the first `://`; `nil` if there is none.
    static func mark(in text: Scalars) -> Int? {
        text.indices.first { index in
            text[index...].starts(with: [":", "/", "/"])
        }
    }

    static func redacted(_ url: Scalars, _ mark: Int, preservesQuery: Bool = false) -> String {
        let scheme = string(url[..<mark]).lowercased()
        let afterScheme = url[(mark + 3)...]
        let authority = afterScheme.prefix { !["/", "?", "#"].contains($0) }
        let tail = afterScheme[authority.endIndex...]
        let at = authority.lastIndex(of: "@")
        let server = at.map { authority[($0 + 1)...] } ?? authority
        // A password may contain the characters that end the authority; only text that is certainly
        // not a password is shown.
        guard isServer(server) || !tail.contains("@") else { return "\(scheme)://…" }
        var user = ""
        if let at, scheme.contains("ssh") { user = string(authority[..<at].prefix { $0 != ":" }) + "@" }
        let path = preservesQuery ? tail : tail.prefix { $0 != "?" && $0 != "#" }
        let beforeAt = path.lastIndex(of: "@").map { path[..<$0] } ?? []
        return "\(scheme)://\(user)\(string(server))\(beforeAt.contains(":") ? "/…" : string(path))"
    }

    /// Returns `user@host:path` without the password; other paths are unchanged.
    static func redactedSCP(_ text: [Unicode.Scalar]) -> String {
        let head = text.prefix { $0 != "/" }
        guard let at = head.lastIndex(of: "@"), text[at...].contains(":") else { return string(text[...]) }
        let user = head[..<at].prefix { $0 != ":" }
        let address = text[at...].prefix { $0 != "?" && $0 != "#" }
        return string(user) + string(address)
    }

    static func redacted(in text: [Unicode.Scalar], preservesQuery: Bool) -> String {
        var (result, remaining) = ("", text[...])
        while let mark = mark(in: remaining) {
            let scheme = remaining[..<mark].suffix(while: isSchemeScalar)
            result += string(remaining[..<scheme.startIndex])
            let afterMark = remaining[(mark + 3)...].prefix { !endsURL($0) }
            let trailing = afterMark.suffix(while: { [".", ",", ":", ";", ")", "!"].contains($0) })
            let url = remaining[scheme.startIndex..<trailing.startIndex]
            result +=
                scheme.isEmpty || afterMark.isEmpty
                ? string(url) : redacted(url, mark, preservesQuery: preservesQuery)
            remaining = remaining[trailing.startIndex...]
        }
        return result + string(remaining)
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

    /// Returns whether the text is `host`, `host:port` or `[address]:port`.
    private static func isServer(_ server: Scalars) -> Bool {
        let port = server.reversed().prefix { $0.isASCII && Character($0).isNumber }
        let beforePort = server.dropLast(port.count)
        let name = beforePort.last == ":" ? beforePort.dropLast() : server
        return name.first == "[" ? name.last == "]" : !name.isEmpty && !name.contains(":")
    }
}

extension String {
    /// The text for display, or an ellipsis if it appears to contain a token in the wrong place.
    package var withoutTokens: String {
        let starts = ["hf_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-"]
        return starts.contains { contains($0) } ? "…" : self
    }
}

extension ArraySlice<Unicode.Scalar> {
    /// Returns the longest suffix whose elements all satisfy the condition.
    fileprivate func suffix(while condition: (Unicode.Scalar) -> Bool) -> Self {
        var start = endIndex
        while start > startIndex, condition(self[start - 1]) { start -= 1 }
        return self[start...]
    }
}
