import SpacesModel
import TextTools

/// An HTTP request to the running app and its expected response: `METHOD PATH [STATUS] [body=FILE]
/// [contains=TEXT]`.
package struct Probe: Hashable, Sendable, CustomStringConvertible {
    package var method = "GET"
    /// The path and query on the app's server; begins with a slash.
    package var path: String
    /// The expected status; `nil` if any 2xx or 3xx is accepted.
    package var status: Int?
    /// The file of the source that is the request body; it is sent unchanged.
    package var body: Path?
    package var contains: String?

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// - Throws: `DeployError` of kind `settings` that names the invalid argument.
    package init(_ text: String) throws(DeployError) {
        var arguments = try ProbeTokenizer.split(text)[...]
        if let first = arguments.first, Self.methods.contains(first.uppercased()) {
            method = first.uppercased()
            arguments = arguments.dropFirst()
        }
        guard let path = arguments.popFirst(), path.hasPrefix("/") else {
            throw Self.parseError("has no path that starts with /")
        }
        self.path = path
        for argument in arguments { try parse(argument) }
    }

    private mutating func parse(_ argument: String) throws(DeployError) {
        if let pathText = suffix(of: argument, after: "body=") {
            guard let path = Path(tidy: pathText), !path.isRoot, !pathText.hasPrefix("/") else {
                throw Self.parseError("body=\(pathText) is not the path of a file inside the source")
            }
            body = path
        } else if let text = suffix(of: argument, after: "contains=") {
            guard !text.isEmpty else { throw Self.parseError("contains= has no text") }
            contains = text
        } else if let number = Int(argument), (100...599).contains(number), status == nil {
            status = number
        } else {
            throw Self.parseError(
                "unknown argument: \(argument) (put text with spaces in quotes: contains='all is well')"
            )
        }
    }

    private static func parseError(_ what: String) -> DeployError {
        DeployError(
            .settings, what,
            // Git removes double quotes from values of a settings file, hence single quotes.
            hint: "use probe = POST /api/chat 200 body=test/hello.json contains='hello world'; "
                + "only the path is required")
    }

    /// The request in messages, for example `POST /api`.
    package var description: String { "\(method) \(path)" }

    /// The expected response, in messages.
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

/// A header field sent with every probe: `Authorization: Bearer env:AUTH_TOKEN`. `env:X` and
/// `file:P` are replaced by the value of the variable or the content of the file.
package struct ProbeHeader: Hashable, Sendable {
    package enum Piece: Hashable, Sendable {
        case text(String)
        case value(ValueReference)
    }

    package var name: String
    package var pieces: [Piece]
    package var origin: SettingOrigin

    /// - Throws: `DeployError` of kind `settings`; it does not show the value, which may be secret.
    package init(_ text: String, from origin: SettingOrigin) throws(DeployError) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(halves[0])
        guard halves.count == 2, !name.isEmpty, name.utf8.allSatisfy({ $0.isWord || $0 == .dash }) else {
            throw DeployError(.settings, "is not a valid NAME: VALUE", hint: Self.example)
        }
        let parts = halves[1].split(separator: " ").map(String.init)
        guard !parts.isEmpty else { throw DeployError(.settings, "\(name) has no value", hint: Self.example) }
        (self.name, self.origin) = (name, origin)
        pieces = parts.map { Self.parsePiece($0, of: name) }
        guard Self.isSecret(name), !pieces.contains(where: \.isValue) else { return }
        throw DeployError(.settings, "the value of \(name) is written in plain text", hint: Self.example)
    }

    private static let example = "use probeHeader = Authorization: Bearer env:AUTH_TOKEN"

    /// Returns whether the field carries credentials according to its name.
    private static func isSecret(_ name: String) -> Bool {
        ["authorization", "cookie", "proxy-authorization"].contains(name.lowercased())
            || SecretName.matches(name.utf8)
    }

    private static func parsePiece(_ text: String, of name: String) -> Piece {
        if let variable = suffix(of: text, after: "env:"), !variable.isEmpty {
            return .value(ValueReference(name, at: .environment(variable)))
        }
        if let path = suffix(of: text, after: "file:"), !path.isEmpty {
            return .value(ValueReference(name, at: .file(path)))
        }
        return .text(text)
    }

    package func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }
}

extension ProbeHeader.Piece {
    fileprivate var isValue: Bool { if case .value = self { true } else { false } }
}

/// A tokenizer for arguments separated by blanks; arguments with blanks are enclosed in quotes.
private enum ProbeTokenizer {
    static func split(_ text: String) throws(DeployError) -> [String] {
        var (arguments, argument, quote): ([String], String?, Character?) = ([], nil, nil)
        for character in text {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                (quote, argument) = (character, argument ?? "")
            } else if quote == nil, character == " " || character == "\t" {
                if let finished = argument { arguments.append(finished) }
                argument = nil
            } else {
                argument = (argument ?? "") + String(character)
            }
        }
        guard quote == nil else { throw DeployError(.settings, "the quote is not closed") }
        return arguments + [argument].compactMap { $0 }
    }
}

/// Returns the text after a prefix; `nil` if the text does not begin with it.
private func suffix(of text: String, after prefix: String) -> String? {
    text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
}
