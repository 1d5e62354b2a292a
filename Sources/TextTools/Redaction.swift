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

    /// The text for display, with each token reduced to its prefix: `hf_…`.
    package var redacted: String { TokenForm.redacted(String(self)) }

    /// The text for display, or an ellipsis if it appears to contain a token in the wrong place.
    package var withoutTokens: String {
        let starts = ["hf_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-"]
        return starts.contains { contains($0) } ? "…" : String(self)
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
            let scheme = suffix(of: remaining[..<mark], while: isSchemeScalar)
            result += string(remaining[..<scheme.startIndex])
            let afterMark = remaining[(mark + 3)...].prefix { !endsURL($0) }
            let trailing = suffix(of: afterMark, while: { [".", ",", ":", ";", ")", "!"].contains($0) })
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

    /// Returns the longest suffix whose elements all satisfy the condition.
    private static func suffix(of text: Scalars, while condition: (Unicode.Scalar) -> Bool) -> Scalars {
        var start = text.endIndex
        while start > text.startIndex, condition(text[start - 1]) { start -= 1 }
        return text[start...]
    }
}

/// The formats of access tokens, used to redact tokens in messages and to name the service that
/// issued one. `TokenPattern` finds real tokens in files; here shortened and invented tokens match, too.
package enum TokenForm {
    private struct Form {
        let prefix: String
        let service: String
        /// The minimum number of bytes after the prefix.
        let minLength: Int
        var isWide = false
        /// Whether the bytes after the prefix must contain a digit or a capital letter. Names such
        /// as `hf_transfer` contain none.
        var isMixed = false
    }

    /// Longer prefixes first: the first match decides.
    private static let forms = [
        Form(prefix: "hf_oauth_", service: hub, minLength: 16, isWide: true, isMixed: true),
        Form(prefix: "hf_jwt_", service: hub, minLength: 16, isWide: true, isMixed: true),
        Form(prefix: "hf_", service: hub, minLength: 8, isMixed: true),
        Form(prefix: "hf_", service: hub, minLength: 16),
        Form(prefix: "api_org_", service: hub, minLength: 8, isMixed: true),
        Form(prefix: "api_org_", service: hub, minLength: 16),
        Form(prefix: "github_pat_", service: "GitHub", minLength: 10, isWide: true),
        Form(prefix: "ghp_", service: "GitHub", minLength: 10),
        Form(prefix: "gho_", service: "GitHub", minLength: 10),
        Form(prefix: "ghu_", service: "GitHub", minLength: 10),
        Form(prefix: "ghs_", service: "GitHub", minLength: 10),
        Form(prefix: "ghr_", service: "GitHub", minLength: 10),
        Form(prefix: "glpat-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "gldt-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "glptt-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "glcbt-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "npm_", service: "npm", minLength: 20),
        Form(prefix: "pypi-", service: "PyPI", minLength: 40, isWide: true, isMixed: true),
        Form(prefix: "dckr_pat_", service: "Docker Hub", minLength: 10, isWide: true),
        Form(prefix: "dckr_oat_", service: "Docker Hub", minLength: 10, isWide: true),
        Form(prefix: "sk-ant-", service: "Anthropic", minLength: 16, isWide: true, isMixed: true),
        Form(prefix: "sk-", service: "OpenAI", minLength: 20, isWide: true, isMixed: true),
        Form(prefix: "xoxa-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxb-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxp-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxr-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxs-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "sk_live_", service: "Stripe", minLength: 16),
        Form(prefix: "rk_live_", service: "Stripe", minLength: 16),
        Form(prefix: "r8_", service: "Replicate", minLength: 30),
        Form(prefix: "AIza", service: "Google", minLength: 35, isWide: true),
        Form(prefix: "AKIA", service: "AWS", minLength: 16),
        Form(prefix: "ASIA", service: "AWS", minLength: 16),
    ]

    package static let hub = "Hugging Face"

    /// Returns the service that issues tokens of this form; `nil` if none is known. The complete
    /// text must be the token.
    package static func service(of token: String) -> String? {
        let bytes = Array(token.utf8)
        guard let (form, end) = form(at: 0, in: bytes), end == bytes.count else { return nil }
        return form.service
    }

    private static func form(at start: Int, in bytes: [UInt8]) -> (form: Form, end: Int)? {
        for form in forms where bytes[start...].starts(with: form.prefix.utf8) {
            let from = start + form.prefix.utf8.count
            let body = bytes[from...].prefix { $0.isLetter || $0.isDigit || form.isWide && isWide($0) }
            guard body.count >= form.minLength,
                !form.isMixed || body.contains(where: { $0.isDigit || $0.isUpper })
            else { continue }
            // All characters that a token may contain are redacted, so that no part of a token remains.
            let end = bytes[body.endIndex...].firstIndex { !($0.isLetter || $0.isDigit || isWide($0)) }
            return (form, end ?? bytes.count)
        }
        return nil
    }

    private static func isWide(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// Replaces the part of each token after its prefix by an ellipsis.
    fileprivate static func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var (result, index, isChanged) = ([UInt8](), 0, false)
        result.reserveCapacity(bytes.count)
        while index < bytes.count {
            let isInside = index > 0 && (bytes[index - 1].isLetter || bytes[index - 1].isDigit)
            if !isInside, firstBytes.contains(bytes[index]), let (form, end) = form(at: index, in: bytes) {
                result += Array((form.prefix + "…").utf8)
                (index, isChanged) = (end, true)
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return isChanged ? String(decoding: result, as: UTF8.self) : text
    }

    private static let firstBytes = Set(forms.compactMap(\.prefix.utf8.first))
}
