import Deploy
import Foundation
import HTTP

/// Git's own credential helpers (`git help credential`), for who has told Git a token already. Nobody is asked anything.
struct CredentialHelper: Sendable {
    let world: World

    struct Found: Sendable {
        var user: String
        var password: Secret
    }

    /// A helper that waits for a person waits in vain.
    private static let patience = Duration.seconds(5)

    /// nil where no helper knows the address, or Git is not there.
    func find(for url: URL) async -> Found? {
        guard let origin = Origin(url), origin.scheme == "https" || origin.isLoopback else { return nil }
        let path = url.path.drop { $0 == "/" }
        let question =
            "protocol=\(origin.scheme)\nhost=\(origin)\n" + (path.isEmpty ? "" : "path=\(path)\n") + "\n"
        guard let answer = await ask(question) else { return nil }
        let fields = answer.split(separator: "\n").compactMap { line -> (Substring, Substring)? in
            line.firstIndex(of: "=").map { (line[..<$0], line[$0...].dropFirst()) }
        }
        let values = Dictionary(fields) { first, _ in first }
        guard let password = values["password"].flatMap({ Secret($0) }) else { return nil }
        return Found(user: values["username"].map { String($0) } ?? "spacesync", password: password)
    }

    private func ask(_ question: String) async -> String? {
        let ended = await Child.run(
            "git", ["credential", "fill"], environment: environment, directory: "/",
            input: Data(question.utf8), patience: Self.patience)
        return ended.status == 0 ? String(decoding: ended.output, as: UTF8.self) : nil
    }

    /// Without tokens, without the repository of a hook, without anything that would ask.
    private var environment: [String: String] {
        var environment = world.environment.filter { name, _ in
            !name.hasPrefix("GIT_") && !SecretName.matches(name.utf8) && name != "SSH_ASKPASS"
                && name != "DISPLAY"
        }
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment["GCM_INTERACTIVE"] = "never"
        return environment
    }
}
