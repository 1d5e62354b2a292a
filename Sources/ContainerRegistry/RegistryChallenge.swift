/// One challenge of `WWW-Authenticate` (RFC 9110 11.6.1): an authentication scheme that a registry accepts.
struct RegistryChallenge: Hashable {
    /// The authentication scheme in lower case: `bearer`, `basic`.
    var scheme: String
    /// Parameters by name, in lower case. The first of several with the same name counts.
    var parameters: [String: String] = [:]

    /// Parses all challenges of a header's value, up to the first that is malformed.
    static func all(in header: String) -> [RegistryChallenge] {
        var reader = Reader(remaining: header[...])
        return reader.challenges()
    }

    private struct Reader {
        var remaining: Substring

        mutating func challenges() -> [RegistryChallenge] {
            var challenges: [RegistryChallenge] = []
            while let name = nextName() {
                guard consume("=") else {
                    challenges.append(RegistryChallenge(scheme: name))
                    continue
                }
                guard !challenges.isEmpty, let value = value() else { return challenges }
                challenges[challenges.count - 1].parameters.merge([name: value]) { first, _ in first }
            }
            return challenges
        }

        /// Consumes the next token after spaces, tabs and commas, and returns it in lower case.
        private mutating func nextName() -> String? {
            remaining = remaining.drop { $0 == " " || $0 == "\t" || $0 == "," }
            let name = remaining.prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-_.!#$%&'*+^`|~".contains($0))
            }
            remaining = remaining.dropFirst(name.count)
            return name.isEmpty ? nil : name.lowercased()
        }

        private mutating func consume(_ character: Character) -> Bool {
            let trimmed = remaining.drop { $0 == " " || $0 == "\t" }
            guard trimmed.first == character else { return false }
            remaining = trimmed.dropFirst()
            return true
        }

        private mutating func value() -> String? {
            guard consume("\"") else {
                let value = remaining.prefix { $0 != "," && $0 != " " && $0 != "\t" }
                remaining = remaining.dropFirst(value.count)
                return String(value)
            }
            var text = ""
            while let character = remaining.popFirst() {
                if character == "\"" { return text }
                guard let unescaped = character == "\\" ? remaining.popFirst() : character else { return nil }
                text.append(unescaped)
            }
            return nil
        }
    }
}
