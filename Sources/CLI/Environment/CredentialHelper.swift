import Essentials
import Git
import HTTP
import SpacesModel

/// Git's own credential helpers (`git help credential`), for who has told Git a token already. Nobody is asked anything.
struct CredentialHelper: Sendable {
    let environment: CommandEnvironment

    struct Found: Sendable {
        var user: String
        var password: Secret
    }

    /// A helper that waits for a person waits in vain.
    private static let patience = Duration.seconds(5)

    /// - Parameter url: the URL that is requested.
    /// - Returns: `nil` if no helper knows the URL, if it cannot be asked about, or if Git is not there.
    func find(for url: URL) async -> Found? {
        guard let request = CredentialRequest(url), let text = request.text, let answer = await fill(text)
        else {
            return nil
        }
        return request.credential(in: answer)
    }

    private func fill(_ request: String) async -> String? {
        let ended = await ProcessRunner.run(
            "git", ["credential", "fill"], environment: gitVariables, directory: "/",
            input: Data(request.utf8), patience: Self.patience)
        return ended.status == 0 ? String(decoding: ended.output, as: UTF8.self) : nil
    }

    /// Without tokens, without the repository of a hook, without anything that would ask.
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

    /// - Returns: `nil` for a URL that no credential travels to.
    init?(_ url: URL) {
        guard let origin = URLOrigin(url), origin.scheme == "https" || origin.isLoopback else { return nil }
        let path = String(url.path(percentEncoded: false).drop { $0 == "/" })
        fields =
            [("protocol", origin.scheme), ("host", origin.authority)] + (path.isEmpty ? [] : [("path", path)])
    }

    /// `nil` if a value would end its line: a path with `%0a` in it could ask for the password of another host
    /// (CVE-2020-5260).
    var text: String? {
        guard fields.allSatisfy({ Self.isOneLine($0.value) }) else { return nil }
        return fields.map { "\($0.name)=\($0.value)\n" }.joined() + "\n"
    }

    /// The credential in an answer; `nil` if there is none, or if it is for another host.
    func credential(in response: String) -> CredentialHelper.Found? {
        let lines = response.unicodeScalars.split(separator: "\n").map { String($0) }
        let pairs = lines.compactMap { line -> (String, String)? in
            line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[$0...].dropFirst())) }
        }
        let values = Dictionary(pairs) { $1 }
        let isAboutThis = fields.prefix(2).allSatisfy {
            values[$0.name] == nil || values[$0.name] == $0.value
        }
        let user = values["username"] ?? "spacesync"
        guard isAboutThis, values["quit"] == nil, Self.isOneLine(user), let text = values["password"],
            Self.isOneLine(text), let password = Secret(text)
        else { return nil }
        return CredentialHelper.Found(user: user, password: password)
    }

    /// Without control characters, among them NUL and CR.
    private static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
