import SpacesModel
import TextTools

/// One question to the running app: `METHOD PATH [STATUS] [body=FILE] [contains=TEXT]`.
package struct Probe: Hashable, Sendable, CustomStringConvertible {
    package var method = "GET"
    /// From the app's top, with its query; begins with a slash.
    package var path: String
    /// nil: any 2xx or 3xx.
    package var status: Int?
    /// A file of the source, sent as it is.
    package var body: Path?
    package var contains: String?

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// - Throws: kind `settings`, naming the word that is none.
    package init(_ text: String) throws(DeployError) {
        var words = try ProbeTokenizer.split(text)[...]
        if let first = words.first, Self.methods.contains(first.uppercased()) {
            method = first.uppercased()
            words = words.dropFirst()
        }
        guard let path = words.popFirst(), path.hasPrefix("/") else {
            throw Self.parseError("names no path that begins with /")
        }
        self.path = path
        for word in words { try parse(word) }
    }

    private mutating func parse(_ word: String) throws(DeployError) {
        if let file = word.after(prefix: "body=") {
            guard let path = Path(tidy: file), !path.isRoot, !file.hasPrefix("/") else {
                throw Self.parseError("body=\(file) is no path of a file inside the source")
            }
            body = path
        } else if let text = word.after(prefix: "contains=") {
            guard !text.isEmpty else { throw Self.parseError("contains= says no text") }
            contains = text
        } else if let number = Int(word), (100...599).contains(number), status == nil {
            status = number
        } else {
            throw Self.parseError(
                "has a word that says nothing: \(word) (a text with blanks stands in quotes: contains='all is well')"
            )
        }
    }

    private static func parseError(_ what: String) -> DeployError {
        DeployError(
            .settings, what,
            // Git takes double quotes out of a settings file.
            hint: "write probe = POST /api/chat 200 body=test/hello.json contains='hello world'; "
                + "all but the path may be left out")
    }

    /// `POST /api`, for people.
    package var description: String { "\(method) \(path)" }

    /// What the answer has to be, for people.
    package var expectation: String {
        (status.map { "\($0)" } ?? "2xx or 3xx") + (contains.map { " with the text \"\($0)\"" } ?? "")
    }

    package func isSatisfied(by response: ProbeResponse) -> Bool {
        guard status.map({ $0 == response.status }) ?? (200..<400).contains(response.status) else {
            return false
        }
        return contains.map { response.contains($0) } ?? true
    }
}

/// A line that goes with every probe: `Authorization: Bearer env:AUTH_TOKEN`, where `env:X` and `file:P` stand for what
/// is there.
package struct ProbeHeader: Hashable, Sendable {
    package enum Piece: Hashable, Sendable {
        case text(String)
        case value(ValueReference)
    }

    package var name: String
    package var pieces: [Piece]
    package var origin: SettingOrigin

    /// - Throws: kind `settings`, without showing a value that may be secret.
    package init(_ text: String, from origin: SettingOrigin) throws(DeployError) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(halves[0])
        guard halves.count == 2, !name.isEmpty, name.utf8.allSatisfy({ $0.isWord || $0 == .dash }) else {
            throw DeployError(.settings, "is no NAME: VALUE", hint: Self.example)
        }
        let words = halves[1].split(separator: " ").map(String.init)
        guard !words.isEmpty else { throw DeployError(.settings, "\(name) has no value", hint: Self.example) }
        (self.name, self.origin) = (name, origin)
        pieces = words.map { Self.parsePiece($0, of: name) }
        guard Self.isSecret(name), !pieces.contains(where: \.isValue) else { return }
        throw DeployError(.settings, "\(name) has its value written out", hint: Self.example)
    }

    private static let example = "write probeHeader = Authorization: Bearer env:AUTH_TOKEN"

    /// Is said to prove who asks, whatever its value looks like.
    private static func isSecret(_ name: String) -> Bool {
        ["authorization", "cookie", "proxy-authorization"].contains(name.lowercased())
            || SecretName.matches(name.utf8)
    }

    private static func parsePiece(_ word: String, of name: String) -> Piece {
        if let variable = word.after(prefix: "env:"), !variable.isEmpty {
            return .value(ValueReference(name, at: .environment(variable)))
        }
        if let path = word.after(prefix: "file:"), !path.isEmpty {
            return .value(ValueReference(name, at: .file(path)))
        }
        return .text(word)
    }

    package func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }
}

extension ProbeHeader.Piece {
    fileprivate var isValue: Bool { if case .value = self { true } else { false } }
}

/// Words with blanks between them, and quotes around what holds blanks itself.
private enum ProbeTokenizer {
    static func split(_ text: String) throws(DeployError) -> [String] {
        var (words, word, quote): ([String], String?, Character?) = ([], nil, nil)
        for character in text {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                (quote, word) = (character, word ?? "")
            } else if quote == nil, character == " " || character == "\t" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw DeployError(.settings, "has a quote that is not closed") }
        return words + [word].compactMap { $0 }
    }
}

extension String {
    fileprivate func after(prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
