import Essentials
import SpacesModel

/// The repository that the demo deploys: a small one with a branch `webai2hf`, created by `git`.
struct SampleRepository: Sendable {
    let folder: String
    let commandEnvironment: CommandEnvironment

    func make() async throws(DeployError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (name, text) in Self.files { try write(text, to: name) }
        } catch {
            throw DeployError(.internalError, "the sample source cannot be written", details: ["\(error)"])
        }
        try await git(["init", "--quiet", "--initial-branch=webai2hf"])
        try await commit("Say hello on port 7860")
    }

    func change() async throws(DeployError) {
        let changed = Self.files["app.py", default: ""].replacing("Hello", with: "Good morning")
        do { try write(changed, to: "app.py") } catch {
            throw DeployError(.internalError, "the sample source cannot be written", details: ["\(error)"])
        }
        try await commit("Say good morning")
    }

    private func commit(_ subject: String) async throws(DeployError) {
        try await git(["add", "--all"])
        try await git(["commit", "--quiet", "-m", subject])
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    private func git(_ arguments: [String]) async throws(DeployError) {
        let environment = [
            "PATH": commandEnvironment["PATH"] ?? "/usr/bin:/bin", "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "You", "GIT_AUTHOR_EMAIL": "you@example.com", "GIT_COMMITTER_NAME": "You",
            "GIT_COMMITTER_EMAIL": "you@example.com",
        ]
        let status = await ProcessRunner.run("git", arguments, environment: environment, directory: folder)
            .status
        guard status == 0 else {
            throw DeployError(.internalError, "git \(arguments[0]) failed while the sample source was made")
        }
    }

    private static let files: [String: String] = [
        "app.py": """
        from http.server import BaseHTTPRequestHandler, HTTPServer

        class Hello(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"Hello from a Space")

        HTTPServer(("0.0.0.0", 7860), Hello).serve_forever()

        """,
        "Dockerfile": """
        FROM python:3.12-slim
        RUN useradd --create-home --uid 1000 user
        USER user
        WORKDIR /app
        COPY --chown=user app.py .
        EXPOSE 7860
        CMD ["python", "app.py"]

        """,
        "README.md": """
        # Hello

        A page that says hello. This README has no front matter: the deploy writes it.

        """,
    ]
}
