import SpacesModel
import TextTools

extension Arguments {
    /// Rejects tokens in the arguments: a token taken as a name would appear in requests and
    /// messages.
    /// - Throws: kind `usage`, without the token.
    func rejectTokens(of command: String) throws(DeployError) {
        let isVerb = command == "variables" || command == "secrets"
        // These commands check their values themselves: a token as a variable may be confirmed, a
        // literal secret is an error.
        let names = positionals.filter { !isVerb || !$0.contains("=") }
        for name in names where Self.isToken(name) { throw Self.misplacedToken(name) }
        for (flag, value) in flags where Self.isToken(value) && !flag.allowsCredentials(value) {
            throw Self.misplacedToken("\(flag.names[0]) \(value)")
        }
    }

    /// Whether the text looks like a token. A URL may contain a user and a password; it is never
    /// printed with them.
    private static func isToken(_ text: String) -> Bool {
        let isAddress = text.contains("://") && !text.lowercased().hasPrefix("hf://")
        return !isAddress && text.redacted != text
    }

    private static func misplacedToken(_ text: String) -> DeployError {
        DeployError(
            .usage, "\(text.redacted): a token cannot be an argument",
            details: ["other users of this machine see arguments, and the shell keeps them in its history"],
            hint: "set HF_TOKEN or use --token-file FILE, and replace the token if it is real")
    }
}

extension Flag {
    /// Whether a value of this flag may look like a token: the value of a variable, or a token of
    /// the local Hub.
    fileprivate func allowsCredentials(_ value: String) -> Bool {
        if ["--variable", "--secret", "--token"].contains(where: names.contains) { return true }
        let key = value.prefix { $0 != "=" }.filter { $0 != " " }.lowercased()
        return self == .set && ["variable", "space.variable"].contains(key)
    }
}
