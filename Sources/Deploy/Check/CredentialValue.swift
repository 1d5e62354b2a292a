/// What the value of a variable looks like that only its owner should read: a token, a private key, a password in a URL.
package enum CredentialValue {
    /// - Returns: what it is, never the value; nil for what looks like nothing of that kind.
    package static func kind(of value: String) -> String? {
        CredentialScan.hits(in: Array(value.utf8)).first?.kind
    }
}
