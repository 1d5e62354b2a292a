import SpacesModel

extension CredentialScan {
    /// - Returns: the kind of credential, never the value; `nil` if the value does not look like a
    ///   credential.
    package static func kind(of value: String) -> String? {
        hits(in: Array(value.utf8)).first?.kind
    }

    /// Returns the kind of credential of a variable's value, also by names such as
    /// `AWS_SECRET_ACCESS_KEY`.
    /// - Parameter names: the name of the variable, and the name under which its value was found.
    package static func kind(of value: String, named names: [String]) -> String? {
        if let kind = kind(of: value) { return kind }
        let switches = ["", "true", "false", "yes", "no", "on", "off", "0", "1"]
        guard !switches.contains(value.lowercased()) else { return nil }
        return names.first { SecretName.matchesVariable($0) }.map { "a secret (\($0))" }
    }
}
