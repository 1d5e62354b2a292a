import Documentation
import Essentials
import LocalHub
import Reporting
import SpacesModel

extension Command {
    static let demo = Command(
        .demo, flags: [], output: [.help]
    ) { (invocation) async throws(DeployError) in
        if let argument = invocation.arguments.positionals.first {
            throw DeployError(.usage, "demo takes no words: \(argument)", hint: "spacesync demo")
        }
        return try await Demo(invocation.environment, invocation.reporter).run()
    }
}

/// Three deploys of a sample source to a local Hub on a free loopback port, each run by the command
/// that is printed.
struct Demo: Sendable {
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
            throw DeployError(.internalError, "the local Hub does not start", details: ["\(error)"])
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
        print("# A local Hub at \(hub.url): real Git over HTTP; builds are played, not run.")
        print("# A sample source: \(sample.folder), branch webai2hf.")
        let push = ["push", "me/hello", "--branch", "webai2hf:main"]
        let steps: [(String, [String], (SampleRepository) async throws(DeployError) -> Void)] = [
            ("A first deploy makes the Space.", push + ["--create"], { (_) async throws(DeployError) in }),
            (
                "One file changes: one commit, one small pack.", push,
                { (sample) async throws(DeployError) in try await sample.change() }
            ),
            ("Nothing changed: nothing is sent.", push, { (_) async throws(DeployError) in }),
        ]
        for (title, arguments, prepare) in steps {
            guard !Task.isCancelled else { return DeployError.Kind.interrupted.exitCode }
            do throws(DeployError) { try await prepare(sample) } catch {
                reporter.fail(error); return error.kind.exitCode
            }
            print("\n# \(title)\n$ spacesync \(arguments.joined(separator: " "))")
            let code = await CommandLineTool.run(arguments, in: demoEnvironment)
            guard code == 0 else { return code }
        }
        print("\n# That was it. On the real Hub: set HF_TOKEN and leave HF_ENDPOINT alone.")
        return 0
    }

    private func print(_ text: String) { environment.err.write(text + "\n") }
}
