import TextTools

/// A classifier for names that indicate a secret value: `API_KEY`, `dbPassword`, `auth.token`.
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
        let previous = words.dropLast().last ?? ""
        return last == "key"
            && ["api", "secret", "private", "access", "auth", "encryption", "signing", "master"].contains(
                previous)
    }

    /// Returns whether an environment variable is named like a secret. A wrong guess costs only one
    /// confirmation, so more names match than in a file: `PGPASSWORD`, `DEPLOY_KEY`, `DB_PASS`,
    /// `SECRET_KEY_BASE`.
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

    /// Returns whether short values count as secrets, too: passwords are chosen by people.
    package static func isPassword(_ name: some Collection<UInt8>) -> Bool {
        words(name).last.map { ["password", "passwd", "passphrase", "pwd"].contains($0) } ?? false
    }

    /// Words before `token` that refer to tokens of language models or to pagination, not to secrets.
    private static let notSecretTokens: Set<String> = [
        "pad", "eos", "bos", "unk", "sep", "cls", "mask", "image", "special", "stop", "start", "end", "next",
        "page", "audio",
    ]

    /// Splits a name into lower-case words: `dbPassword` and `API_KEY` have two words each.
    private static func words(_ name: some Collection<UInt8>) -> [String] {
        var (words, word): ([[UInt8]], [UInt8]) = ([], [])
        var previous: UInt8 = 0
        for byte in name {
            let startsWord = byte.isUpper && previous.isLower
            if startsWord || !(byte.isLetter || byte.isDigit) {
                words.append(word)
                word = []
            }
            if byte.isLetter || byte.isDigit { word.append(byte.lowered) }
            previous = byte
        }
        return (words + [word]).filter { !$0.isEmpty }.map(\.text)
    }
}
