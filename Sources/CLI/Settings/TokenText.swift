import Essentials
import HTTP
import SpacesModel
import Synchronization
import TextTools

/// The text of a token as it was found, validated before it is sent anywhere. Error messages
/// describe the form of the token and never contain a part of it.
struct TokenText: Sendable {
    /// The service or use that a token is for.
    enum Purpose: Hashable, Sendable {
        case hub
        /// A source or registry: passwords of any form are possible. `isHub` is true for the Hub of
        /// the run.
        case host(String, isHub: Bool)
        /// The OpenID Connect identity of a CI job.
        case identity
    }

    let text: String
    /// The location where the token was found, for example `HF_TOKEN`.
    let location: String
    let purpose: Purpose

    init(_ text: some StringProtocol, from location: String, for purpose: Purpose = .hub) {
        (self.text, self.location, self.purpose) = (String(text), location, purpose)
    }

    /// Returns the token without surrounding white space; `nil` if the text is empty.
    /// - Throws: kind `permissionDenied` if the text cannot be a token for the purpose.
    func secret() throws(DeployError) -> Secret? {
        guard let secret = Secret(text) else { return nil }
        if let (form, fix) = error(in: secret.reveal()) {
            throw DeployError(
                .permissionDenied, "\(location.redacted): the token \(form); it was not sent", hint: fix)
        }
        return secret
    }

    private func error(in token: String) -> (form: String, fix: String)? {
        let scalars = token.unicodeScalars
        if scalars.contains(where: { [10, 11, 12, 13, 0x85, 0x2028, 0x2029].contains($0.value) }) {
            return (
                "contains a line break", "\(location) must contain only the token, on one line"
            )
        }
        if scalars.contains(where: { $0.value < 32 || (127..<160).contains($0.value) }) {
            return ("contains a control character", "copy the token again, without the text around it")
        }
        return formError(in: token) ?? (purpose == .hub ? hubError(in: token) : nil)
            ?? serviceError(in: token)
    }

    /// Returns the error of a token copied together with the syntax around it, such as quotes.
    private func formError(in token: String) -> (String, String)? {
        let quotes = "\"'`\u{201C}\u{201D}\u{2018}\u{2019}"
        if token.first.map(quotes.contains) == true || token.last.map(quotes.contains) == true {
            return ("is in quotes", "remove the quotes around it")
        }
        for prefix in ["Bearer", "token", "Basic", "Authorization:"]
        where token.lowercased().hasPrefix(prefix.lowercased() + " ") {
            return ("begins with \"\(prefix)\"", "remove this word; only the token is needed")
        }
        if token.contains("${{") || token.contains("{{") || Self.isVariable(token) {
            return (
                "is a variable that was not expanded",
                "set \(location) to the value of the variable"
            )
        }
        return nil
    }

    /// Whether the token is a variable that was not replaced: `$NAME`, `${NAME}`, `$(command)`,
    /// `%NAME%`.
    private static func isVariable(_ token: String) -> Bool {
        if token.hasPrefix("$("), token.hasSuffix(")") { return true }
        var name = token[...]
        if name.hasPrefix("${"), name.hasSuffix("}") {
            name = name.dropFirst(2).dropLast()
        } else if name.hasPrefix("$") {
            name = name.dropFirst()
        } else if name.count > 2, name.hasPrefix("%"), name.hasSuffix("%") {
            name = name.dropFirst().dropLast()
        } else {
            return false
        }
        return !name.isEmpty && name.utf8.allSatisfy { UInt8(ascii: "_") == $0 || Self.isAlphanumeric($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Returns the error of a text that no token of the Hub can contain.
    private func hubError(in token: String) -> (String, String)? {
        if token.contains(where: \.isWhitespace) {
            return ("contains a space", "\(location) must contain only the token")
        }
        if token.utf8.contains(where: { $0 >= 128 }) {
            return (
                "contains a character that is not ASCII", "copy the token again, without the text around it"
            )
        }
        if let surrounding = surroundingError(in: token) { return surrounding }
        if token.allSatisfy({ $0 == "*" }) {
            return ("is masked with asterisks", "copy the complete token")
        }
        if token.hasPrefix("<"), token.hasSuffix(">") {
            return ("is a placeholder", "set \(location) to a Hub token")
        }
        return nil
    }

    /// Returns the error of a Hub token with other text around it: `HF_TOKEN=hf_…`, `bearer:hf_…`,
    /// JSON, several tokens.
    private func surroundingError(in token: String) -> (String, String)? {
        guard let start = token.firstRange(of: "hf_")?.lowerBound else { return nil }
        let isPlain = token.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || Self.isAlphanumeric($0) || "-.".utf8.contains($0)
        }
        guard start != token.startIndex || !isPlain, token[start...].count > 20 else { return nil }
        guard !isPlain else { return nil }
        return ("has other text around it", "\(location) must contain only the token")
    }

    private func serviceError(in token: String) -> (String, String)? {
        guard let service = TokenForm.service(of: token) else { return nil }
        switch purpose {
        case .identity: return nil
        case .hub:
            guard service != TokenForm.hub else { return nil }
            return (
                "is from \(service), not from \(TokenForm.hub)",
                "set \(location) to a Hub token, which starts with hf_"
            )
        case .host(let host, let isHub):
            let owner = isHub ? TokenForm.hub : Self.owner(of: host)
            // A Hub token is valid only at the Hub; tokens of other services may be valid at a host
            // with another name.
            guard owner != service, Self.owners.contains(service),
                owner != nil || service == TokenForm.hub
            else { return nil }
            return ("is from \(service), but \(host) is another service", "use a token for \(host)")
        }
    }

    /// Returns the service of a host whose tokens have a known form; `nil` if the service is
    /// unknown.
    private static func owner(of host: String) -> String? {
        let name = host.lowercased().prefix { $0 != ":" }
        if ["huggingface.co", "hf.co", "hf.space"].contains(where: { name == $0 || name.hasSuffix("." + $0) })
        {
            return TokenForm.hub
        }
        switch name {
        case "github.com", "ghcr.io": return "GitHub"
        case "gitlab.com", "registry.gitlab.com": return "GitLab"
        case "docker.io", "index.docker.io", "registry-1.docker.io": return "Docker Hub"
        default: return nil
        }
    }

    private static let owners: Set<String> = [TokenForm.hub, "GitHub", "GitLab", "Docker Hub"]
}

extension URLOrigin {
    /// Whether credentials may be sent there: over TLS, or to this machine.
    var allowsCredentials: Bool { scheme == "https" || isLoopback }
}
