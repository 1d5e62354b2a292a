import Essentials
import LocalHub
import Reporting
import SpacesModel

extension Command {
    static let demo = Command(
        name: "demo", synopsis: "",
        summary: "the main job on a local Hub: from an empty machine to a running Space, and cleans up",
        flags: [], output: [.help]
    ) { (invocation) async throws(Failure) in
        if let word = invocation.arguments.words.first {
            throw Failure(.usage, "demo takes no words: \(word)", hint: "spacesync demo")
        }
        return try await Demo(invocation.world, invocation.voice).play()
    }
}

/// Three deploys of a sample source to a local Hub on a free loopback port, each by the very command shown.
struct Demo: Sendable {
    private let world: World
    private let voice: any Voice

    init(_ world: World, _ voice: any Voice) { (self.world, self.voice) = (world, voice) }

    func play() async throws(Failure) -> Int {
        let folder = temporaryDirectory() + "spacesync-demo-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sample = SampleSource(folder: folder + "/hello", world: world)
        try await sample.make()
        let hub = try await startHub(at: folder + "/hub")
        let code = await story(sample, hub, home: folder + "/home")
        await hub.stop()
        return code
    }

    private func startHub(at root: String) async throws(Failure) -> HubServer {
        var options = HubOptions(root: URL(fileURLWithPath: root))
        options.play = Play(lag: .milliseconds(200), build: .milliseconds(900), start: .milliseconds(300))
        do { return try await HubServer.start(options) } catch {
            throw Failure(.internalFault, "the local Hub does not start", details: ["\(error)"])
        }
    }

    private func story(_ sample: SampleSource, _ hub: HubServer, home: String) async -> Int {
        var stage = world
        stage.directory = sample.folder
        stage.hubIsPassing = true
        stage.environment = [
            "HOME": home, "PATH": world["PATH"] ?? "/usr/bin:/bin", "HF_ENDPOINT": hub.url.absoluteString,
            "HF_TOKEN": "demo-token", "USER": "you", "TERM": world["TERM"] ?? "dumb",
        ]
        say("# A local Hub at \(hub.url): real Git over HTTP; builds are played, not run.")
        say("# A sample source: \(sample.folder), branch webai2hf.")
        let push = ["push", "me/hello", "--branch", "webai2hf:main"]
        let acts: [(String, [String], (SampleSource) async throws(Failure) -> Void)] = [
            ("A first deploy makes the Space.", push + ["--create"], { (_) async throws(Failure) in }),
            (
                "One file changes: one commit, one small pack.", push,
                { (sample) async throws(Failure) in try await sample.change() }
            ),
            ("Nothing changed: nothing is sent.", push, { (_) async throws(Failure) in }),
        ]
        for (title, line, prepare) in acts {
            guard !Task.isCancelled else { return Failure.Kind.interrupted.exitCode }
            do throws(Failure) { try await prepare(sample) } catch {
                voice.fail(error); return error.kind.exitCode
            }
            say("\n# \(title)\n$ spacesync \(line.joined(separator: " "))")
            let code = await Console.run(line, in: stage)
            guard code == 0 else { return code }
        }
        say("\n# That was it. On the real Hub: set HF_TOKEN and leave HF_ENDPOINT alone.")
        return 0
    }

    private func say(_ text: String) { world.err.write(text + "\n") }
}
