import TextTools

/// Names that say that their value is secret: `API_KEY`, `dbPassword`, `auth.token`.
package enum SecretName {
    package static func matches(_ name: some Collection<UInt8>) -> Bool {
        let words = words(name)
        guard let last = words.last else { return false }
        if [
            "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "credential",
            "credentials",
        ].contains(last) {
            return !(last == "token" && words.dropLast().last.map(notSecretTokens.contains) == true)
        }
        let before = words.dropLast().last ?? ""
        return last == "key"
            && ["api", "secret", "private", "access", "auth", "encryption", "signing", "master"].contains(
                before)
    }

    /// Whether a variable of an environment is named like a secret. A wrong guess costs one confirmation, so more names
    /// count than in a file: `PGPASSWORD`, `DEPLOY_KEY`, `DB_PASS`, `SECRET_KEY_BASE`.
    package static func matchesVariable(_ name: String) -> Bool {
        let words = words(Array(name.utf8))
        guard let last = words.last, !matches(Array(name.utf8)) else { return !words.isEmpty }
        if ["password", "passwd", "secret"].contains(where: { word in words.contains { $0.hasSuffix(word) } })
        {
            return true
        }
        if ["pass", "pat", "pwd", "creds", "apitoken", "authtoken"].contains(last) { return true }
        let keys = [
            "deploy", "ssh", "gpg", "pgp", "account", "storage", "session", "service", "webhook", "license",
            "openai", "anthropic", "stripe",
        ]
        return last == "key" && words.dropLast().last.map(keys.contains) == true
    }

    /// Whether a short value counts: passwords are chosen by people.
    package static func isPassword(_ name: some Collection<UInt8>) -> Bool {
        words(name).last.map { ["password", "passwd", "passphrase", "pwd"].contains($0) } ?? false
    }

    /// Of language models.
    private static let notSecretTokens: Set<String> = [
        "pad", "eos", "bos", "unk", "sep", "cls", "mask", "image", "special", "stop", "start", "end", "next",
        "page", "audio",
    ]

    /// `dbPassword` is two words, `API_KEY` too.
    private static func words(_ name: some Collection<UInt8>) -> [String] {
        var (words, word): ([[UInt8]], [UInt8]) = ([], [])
        var before: UInt8 = 0
        for byte in name {
            let isHump = byte.isUpper && before.isLower
            if isHump || !(byte.isLetter || byte.isDigit) {
                words.append(word)
                word = []
            }
            if byte.isLetter || byte.isDigit { word.append(byte.lowered) }
            before = byte
        }
        return (words + [word]).filter { !$0.isEmpty }.map(\.text)
    }
}
