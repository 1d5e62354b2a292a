/// One challenge of `WWW-Authenticate` (RFC 9110 11.6.1): how a registry wants to be asked.
struct RegistryChallenge: Hashable {
    /// In lower case: `bearer`, `basic`.
    var scheme: String
    /// Names in lower case; the first of a name counts.
    var parameters: [String: String] = [:]

    /// All challenges of a header's value, which may hold several. What cannot be read ends the list.
    static func all(in header: String) -> [RegistryChallenge] {
        var reader = Reader(remaining: header[...])
        return reader.challenges()
    }

    private struct Reader {
        var remaining: Substring

        mutating func challenges() -> [RegistryChallenge] {
            var found: [RegistryChallenge] = []
            while let name = nextName() {
                guard consume("=") else {
                    found.append(RegistryChallenge(scheme: name))
                    continue
                }
                guard !found.isEmpty, let value = value() else { return found }
                found[found.count - 1].parameters.merge([name: value]) { first, _ in first }
            }
            return found
        }

        /// The next token, behind blanks and commas.
        private mutating func nextName() -> String? {
            remaining = remaining.drop { $0 == " " || $0 == "\t" || $0 == "," }
            let name = remaining.prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-_.!#$%&'*+^`|~".contains($0))
            }
            remaining = remaining.dropFirst(name.count)
            return name.isEmpty ? nil : name.lowercased()
        }

        private mutating func consume(_ sign: Character) -> Bool {
            let behind = remaining.drop { $0 == " " || $0 == "\t" }
            guard behind.first == sign else { return false }
            remaining = behind.dropFirst()
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
                guard let kept = character == "\\" ? remaining.popFirst() : character else { return nil }
                text.append(kept)
            }
            return nil
        }
    }
}
