import Essentials
import Git
import HTTP
import SpacesModel

/// Reads tokens from Git's credential helpers (`git help credential`), without prompting.
struct CredentialHelper: Sendable {
    let environment: CommandEnvironment

    struct Found: Sendable {
        var user: String
        var password: Secret
    }

    /// The time limit of a helper: one that waits for user input would never end.
    private static let patience = Duration.seconds(5)

    /// - Parameter url: the URL that is requested.
    /// - Returns: `nil` if no helper knows the URL, if the URL is not valid for a request, or if
    /// Git is not installed.
    func find(for url: URL) async -> Found? {
        guard let request = CredentialRequest(url), let text = request.text, let response = await fill(text)
        else {
            return nil
        }
        return request.credential(in: response)
    }

    private func fill(_ request: String) async -> String? {
        let result = await ProcessRunner.run(
            "git", ["credential", "fill"], environment: gitVariables, directory: "/",
            input: Data(request.utf8), patience: Self.patience)
        return result.status == 0 ? String(decoding: result.output, as: UTF8.self) : nil
    }

    /// The environment without tokens, without the repository of a hook (`GIT_DIR`), and with all
    /// prompts switched off.
    private var gitVariables: [String: String] {
        var environment = environment.variables.filter { name, _ in
            !name.hasPrefix("GIT_") && !SecretName.matches(name.utf8) && name != "SSH_ASKPASS"
                && name != "DISPLAY"
        }
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment["GCM_INTERACTIVE"] = "never"
        return environment
    }
}

/// One request to `git credential fill` (git-credential(1)): lines of `key=value`.
struct CredentialRequest: Sendable {
    private let fields: [(name: String, value: String)]

    /// - Returns: `nil` if credentials must not be sent to the URL: it is neither HTTPS nor
    /// loopback.
    init?(_ url: URL) {
        guard let origin = URLOrigin(url), origin.allowsCredentials else { return nil }
        let path = String(url.path(percentEncoded: false).drop { $0 == "/" })
        fields =
            [("protocol", origin.scheme), ("host", origin.authority)] + (path.isEmpty ? [] : [("path", path)])
    }

    /// The request as text; `nil` if a value contains a line break: a path with `%0a` could ask for
    /// the password of another host (CVE-2020-5260).
    var text: String? {
        guard fields.allSatisfy({ Self.isOneLine($0.value) }) else { return nil }
        return fields.map { "\($0.name)=\($0.value)\n" }.joined() + "\n"
    }

    /// Returns the credential in a response; `nil` if there is none, or if it is for another host.
    func credential(in response: String) -> CredentialHelper.Found? {
        let lines = response.unicodeScalars.split(separator: "\n").map { String($0) }
        let pairs = lines.compactMap { line -> (String, String)? in
            line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[$0...].dropFirst())) }
        }
        let values = Dictionary(pairs) { $1 }
        let matchesRequest = fields.prefix(2).allSatisfy {
            values[$0.name] == nil || values[$0.name] == $0.value
        }
        let user = values["username"] ?? "spacesync"
        guard matchesRequest, values["quit"] == nil, Self.isOneLine(user), let text = values["password"],
            Self.isOneLine(text), let password = Secret(text)
        else { return nil }
        return CredentialHelper.Found(user: user, password: password)
    }

    /// Whether the text has no control characters (such as NUL and CR).
    private static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
