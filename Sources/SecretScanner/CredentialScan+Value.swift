import SpacesModel

extension CredentialScan {
    /// - Returns: what it is, never the value; nil for what looks like nothing of that kind.
    package static func kind(of value: String) -> String? {
        hits(in: Array(value.utf8)).first?.kind
    }

    /// The same for a value that was read from elsewhere: a name such as `AWS_SECRET_ACCESS_KEY` says what it is.
    /// - Parameter names: of the variable, and of the place where its value was found.
    package static func kind(of value: String, named names: [String]) -> String? {
        if let kind = kind(of: value) { return kind }
        let switches = ["", "true", "false", "yes", "no", "on", "off", "0", "1"]
        guard !switches.contains(value.lowercased()) else { return nil }
        return names.first { SecretName.matchesVariable($0) }.map { "a secret (\($0))" }
    }
}
