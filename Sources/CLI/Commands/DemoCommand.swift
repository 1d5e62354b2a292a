import Documentation
import Essentials
import LocalHub
import Reporting
import SpacesModel

/// The command `demo`: three deploys of a sample source to a local Hub on a free loopback port, each run by the command
/// that is printed.
struct DemoCommand: Sendable {
    static let command = Command(
        .demo, flags: [], output: [.help]
    ) { (invocation) async throws(DeployError) in
        if let argument = invocation.arguments.positionals.first {
            throw DeployError(.usage, "demo accepts no arguments: \"\(argument)\"", hint: "spacesync demo")
        }
        return try await DemoCommand(invocation.environment, invocation.reporter).run()
    }

    private let environment: CommandEnvironment
    private let reporter: any Reporter

    init(_ environment: CommandEnvironment, _ reporter: any Reporter) {
        (self.environment, self.reporter) = (environment, reporter)
    }

    func run() async throws(DeployError) -> Int {
        let folder = temporaryDirectory() + "spacesync-demo-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sample = SampleRepository(folder: folder + "/hello", commandEnvironment: environment)
        try await sample.make()
        let hub = try await startHub(at: folder + "/hub")
        let code = await runScenario(sample, hub, homeDirectory: folder + "/home")
        await hub.stop()
        return code
    }

    private func startHub(at root: String) async throws(DeployError) -> HubServer {
        var options = HubOptions(root: URL(fileURLWithPath: root))
        options.buildTiming = BuildTiming(
            lag: .milliseconds(200), build: .milliseconds(900), start: .milliseconds(300))
        do { return try await HubServer.start(options) } catch {
            throw DeployError(.internalError, "cannot start the local Hub", details: ["\(error)"])
        }
    }

    private func runScenario(_ sample: SampleRepository, _ hub: HubServer, homeDirectory: String) async -> Int
    {
        var demoEnvironment = environment
        demoEnvironment.directory = sample.folder
        demoEnvironment.isHubTemporary = true
        demoEnvironment.variables = [
            "HOME": homeDirectory, "PATH": environment["PATH"] ?? "/usr/bin:/bin",
            "HF_ENDPOINT": hub.url.absoluteString,
            "HF_TOKEN": "demo-token", "USER": "you", "TERM": environment["TERM"] ?? "dumb",
        ]
        print("# A local Hub at \(hub.url): real Git over HTTP; builds are simulated.")
        print("# A sample source: \(sample.folder), branch webai2hf.")
        let push = ["push", "me/hello", "--branch", "webai2hf:main"]
        let steps: [(String, [String], (SampleRepository) async throws(DeployError) -> Void)] = [
            (
                "The first deploy creates the Space.", push + ["--create"],
                { (_) async throws(DeployError) in }
            ),
            (
                "One file changes: one commit, one small pack.", push,
                { (sample) async throws(DeployError) in try await sample.change() }
            ),
            ("Nothing changed: nothing is sent.", push, { (_) async throws(DeployError) in }),
        ]
        for (title, arguments, prepare) in steps {
            guard !Task.isCancelled else { return DeployError.Kind.interrupted.exitCode }
            do throws(DeployError) { try await prepare(sample) } catch {
                reporter.send(.error(error)); return error.kind.exitCode
            }
            print("\n# \(title)\n$ spacesync \(arguments.joined(separator: " "))")
            let code = await CommandLineTool.run(arguments, in: demoEnvironment)
            guard code == 0 else { return code }
        }
        print("\n# The demo is complete. To use the real Hub, set HF_TOKEN and do not set HF_ENDPOINT.")
        return 0
    }

    private func print(_ text: String) { environment.err.write(text + "\n") }
}

/// The repository that the demo deploys: a small one with a branch `webai2hf`, created by `git`.
struct SampleRepository: Sendable {
    let folder: String
    let commandEnvironment: CommandEnvironment

    func make() async throws(DeployError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (name, text) in Self.files { try write(text, to: name) }
        } catch {
            throw DeployError(.internalError, "cannot write the sample source", details: ["\(error)"])
        }
        try await git(["init", "--quiet", "--initial-branch=webai2hf"])
        try await commit("Say hello on port 7860")
    }

    func change() async throws(DeployError) {
        let changed = Self.files["app.py", default: ""].replacing("Hello", with: "Good morning")
        do { try write(changed, to: "app.py") } catch {
            throw DeployError(.internalError, "cannot write the sample source", details: ["\(error)"])
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
            throw DeployError(.internalError, "git \(arguments[0]) failed while creating the sample source")
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
