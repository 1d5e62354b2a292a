import SpacesModel
import TextTools

extension Arguments {
    /// Stops a run that got a token as an argument: as a name it would travel in requests and messages.
    /// - Throws: kind `usage`, without the token.
    func rejectTokens(of command: String) throws(DeployError) {
        let isVerb = command == "variables" || command == "secrets"
        // Their values have their own checks: a variable may be confirmed, a literal secret is an error.
        let named = positionals.filter { !isVerb || !$0.contains("=") }
        for word in named where Self.isToken(word) { throw Self.misplacedToken(word) }
        for (flag, value) in flags where Self.isToken(value) && !flag.allowsCredentials(value) {
            throw Self.misplacedToken("\(flag.names[0]) \(value)")
        }
    }

    /// An address may have a user and a password; it is never shown with them.
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
    /// Whether a value of this flag may look like a token: a variable's value, or a token of the local Hub.
    fileprivate func allowsCredentials(_ value: String) -> Bool {
        if ["--variable", "--secret", "--token"].contains(where: names.contains) { return true }
        let key = value.prefix { $0 != "=" }.filter { $0 != " " }.lowercased()
        return self == .set && ["variable", "space.variable"].contains(key)
    }
}
