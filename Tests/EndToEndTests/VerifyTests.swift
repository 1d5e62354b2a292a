import Foundation
import TestSupport
import Testing

/// Probes against an app that the local Hub simulates.
struct VerifyTests {
    /// A value that does not look like a credential; unique to this test.
    private let secret = "walrus-\(UUID().uuidString)"

    private func source(_ scene: Scene, app: String, _ more: [String: String] = [:]) async throws
        -> Repository
    {
        let script = "{\"build\":{\"seconds\":0.2},\"start\":{\"seconds\":0.2},\"app\":\(app)}"
        return try await scene.source(Scene.files.merging([".hub.json": script].merging(more) { $1 }) { $1 })
    }

    private func call(
        _ scene: Scene, _ source: Repository, _ command: String, _ keys: String...,
        changing: [String: String?] = [:]
    ) async throws -> Finished {
        // No token is sent to the app, and without one the Hub shows only the app of a public Space.
        let made = keys.contains { $0.hasPrefix("visibility=") } ? [] : ["-c", "visibility=public"]
        let flags = keys.flatMap { ["-c", $0] } + (command == "push" ? ["--create"] + made : [])
        return try await scene.spacesync(
            [command, "me/demo", "--json"] + flags, in: source.url, changing: changing)
    }

    /// Returns the requests for this path, used for paths of the app.
    private func asked(_ scene: Scene, _ path: String) async throws -> [HubProcess.Asked] {
        try await scene.hub.asked().filter { $0.path == path }
    }

    @Test func `a deploy ends when its probes succeed, also after a warm-up`() async throws {
        let scene = try await Scene()
        let source = try await source(
            scene, app: #"{"/health":[{"status":503},{"status":502},{"status":200,"body":"all is well"}]}"#)
        let pushed = try await call(scene, source, "push", "probe=/health 200 contains=\"is well\"")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.result("outcome") == "deployed")
        let probed = pushed.events("probed")
        #expect(probed.map { $0["status"] as? Int } == [503, 502, 200])
        #expect(probed.map { $0["ok"] as? Bool } == [false, false, true])
        #expect((probed.first?["url"] as? String)?.hasSuffix("/health") == true)

        try await scene.hub.forget()
        let again = try await call(scene, source, "push", "probe=/health 200")
        #expect(again.result("outcome") == "unchanged" && again.events("probed").count == 1, "\(again)")
        let failed = try await call(scene, source, "push", "probe=/health 404")
        #expect(
            failed.status == 7,
            "what failed does not pass for well because nothing is to be pushed: \(failed)")
        let verified = try await call(scene, source, "verify", "probe=/health 200")
        #expect(verified.status == 0 && verified.result("outcome") == "unchanged", "\(verified)")
        #expect(verified.events("probed").count == 1)
    }

    @Test func `a probe's body comes from the source, and a missing file is reported before the push`()
        async throws
    {
        let scene = try await Scene()
        let source = try await source(
            scene, app: #"{"/api":{"status":200,"body":"{\"answer\":42}"}}"#,
            ["test/hello.json": "{\"q\": \"hi\"}\n"])
        let missing = try await call(scene, source, "push", "probe=POST /api body=test/nothing.json")
        #expect(missing.status == 3 && missing.events("pushed").isEmpty, "\(missing)")
        #expect(missing.result("message")?.contains("test/nothing.json") == true)
        let pushed = try await call(
            scene, source, "push", "probe=POST /api 200 body=test/hello.json contains=42", "exclude=test/")
        #expect(pushed.status == 0, "\(pushed)")
        let asked = try await asked(scene, "/api")
        #expect(asked.first?.method == "POST" && asked.first?.request_bytes == 12, "\(asked)")
    }

    @Test func `an app that needs a credential is reported at once, and gets the configured one`()
        async throws
    {
        let scene = try await Scene()
        let source = try await source(
            scene, app: #"{"/":{"status":401,"body":"who are you?"},"/open":{"status":200}}"#)
        let refused = try await call(scene, source, "push", "probe=/", "visibility=public")
        #expect(refused.status == 7, "\(refused)")
        #expect(refused.result("hint")?.contains("probeHeader") == true)
        #expect(
            try await asked(scene, "/").allSatisfy { $0.authorization == nil },
            "no token is sent to an app")

        let named = try await scene.spacesync(
            ["verify", "me/demo", "-c", "probe=/open", "-c", "probeHeader=Authorization: Bearer env:AUTH"],
            in: source.url,
            changing: ["AUTH": secret])
        #expect(named.status == 0, "\(named)")
        #expect(try await asked(scene, "/open").last?.authorization == "Bearer")
        #expect(!(named.out + named.err).contains(secret))
        let unset = try await call(
            scene, source, "verify", "probe=/open", "probeHeader=Authorization: Bearer env:AUTH")
        #expect(unset.status == 2 && unset.result("message")?.contains("AUTH") == true, "\(unset)")
    }

    @Test func `a credential in the app's response is not shown`() async throws {
        let scene = try await Scene()
        let source = try await source(scene, app: "{\"/\":{\"status\":403,\"body\":\"not \(secret)\"}}")
        _ = try await call(scene, source, "push")
        let refused = try await scene.spacesync(
            ["verify", "me/demo", "-v", "-c", "probe=/", "-c", "probeHeader=X-Auth-Token: env:AUTH"],
            in: source.url,
            changing: ["AUTH": secret])
        #expect(refused.status == 7, "\(refused)")
        #expect(!(refused.out + refused.err).contains(secret), "\(refused)")
    }

    @Test func `no Hub token is sent to an app, whoever sets the probe`() async throws {
        let scene = try await Scene()
        let settings = "[space \"me/demo\"]\n\tprobe = /theirs\n"
        let source = try await source(
            scene, app: #"{"/theirs":{"status":200},"/mine":{"status":200}}"#, [".spacesync": settings])
        for visibility in ["private", "public"] {
            let own = ["-c", "probe=", "-c", "probe=/mine", "-c", "timeout=10s"]
            let flags = ["--create", "--yes", "--json", "-c", "visibility=\(visibility)"]
            for probes in [["-c", "timeout=10s"], own] {
                let pushed = try await scene.spacesync(
                    ["push", "me/demo"] + flags + probes, in: source.url)
                #expect(pushed.status == (visibility == "public" ? 0 : 7), "\(pushed)")
                guard visibility == "private" else { continue }
                #expect(pushed.result("message")?.contains("private") == true, "\(pushed)")
                let line = "git config --add 'space.me/demo.probeHeader' 'Authorization: Bearer env:HF_TOKEN'"
                #expect(pushed.result("hint")?.contains(line) == true, "\(pushed)")
            }
        }
        let asked = try await scene.hub.asked().filter { ["/theirs", "/mine"].contains($0.path) }
        #expect(asked.count >= 4 && asked.allSatisfy { $0.authorization == nil }, "\(asked)")
    }

    @Test func `the operator's own probeHeader opens a private app, a source file's does not`()
        async throws
    {
        let scene = try await Scene()
        let header = "probeHeader = Authorization: Bearer env:HF_TOKEN"
        let source = try await source(scene, app: #"{"/":{"status":200}}"#)
        try await source.git(
            "config", "--add", "space.me/demo.probeHeader", "Authorization: Bearer env:HF_TOKEN")
        let pushed = try await call(scene, source, "push", "probe=/ 200", "visibility=private")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await asked(scene, "/").last?.authorization == "Bearer")
        try await source.git("config", "--unset-all", "space.me/demo.probeHeader")
        for name in ["HF_TOKEN", "COPY"] {
            let line = header.replacing("HF_TOKEN", with: name)
            try await source.commit(
                [".spacesync": "[space \"me/demo\"]\n\tprobe = /\n\t\(line)\n"], "Grab \(name)")
            try await scene.hub.forget()
            let refused = try await scene.spacesync(
                ["push", "me/demo", "--json"], in: source.url, changing: ["COPY": Scene.token])
            #expect(refused.status == 3, "\(refused)")
            #expect(refused.result("message")?.contains("cannot send a credential") == true, "\(refused)")
            #expect(try await asked(scene, "/").isEmpty, "\(name)")
        }
    }

    @Test func `a redirect within the app is followed, one to elsewhere is not`() async throws {
        let scene = try await Scene()
        let elsewhere = scene.hub.url + "/elsewhere"
        let source = try await source(
            scene,
            app: "{\"/\":{\"status\":200},\"/old\":{\"status\":302,\"headers\":{\"Location\":\"/\"}},"
                + "\"/away\":{\"status\":302,\"headers\":{\"Location\":\"\(elsewhere)\"}}}")
        let pushed = try await scene.spacesync(
            [
                "push", "me/demo", "--create", "--json", "-c", "probe=/old 200", "-c", "probe=/away",
                "-c", "probe=/away 302", "-c", "probeHeader=Authorization: Bearer env:AUTH",
            ], in: source.url, changing: ["AUTH": Scene.token])
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await asked(scene, "/old").first?.authorization == "Bearer")
        #expect(try await asked(scene, "/elsewhere").isEmpty)
        #expect(!(pushed.out + pushed.err).contains(Scene.token))
    }

    @Test func `verify reports a Space without probes or one that is not running`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"start":{"exit":1}}"#]) { $1 })
        _ = try await call(scene, source, "push")
        let none = try await call(scene, source, "verify")
        #expect(none.status == 2 && none.result("hint")?.contains("space.me/demo.probe") == true, "\(none)")
        let down = try await call(scene, source, "verify", "probe=/")
        #expect(down.status == 7 && down.result("message")?.contains("RUNTIME_ERROR") == true, "\(down)")
    }

    @Test func `a settings file from the source may set probes, but not name local files`()
        async throws
    {
        let scene = try await Scene()
        let settings = "[space \"me/demo\"]\n\tprobe = /health 200 contains='is well'\n"
        let source = try await source(
            scene, app: #"{"/health":{"status":200,"body":"all is well"}}"#, [".spacesync": settings])
        let pushed = try await call(scene, source, "push")
        #expect(pushed.status == 0 && pushed.events("probed").count == 1, "\(pushed)")
        try await source.commit(
            [".spacesync": settings + "\tprobeHeader = X-Key: file:/etc/hostname\n"], "Grab")
        let refused = try await call(scene, source, "push")
        #expect(refused.status == 3, "\(refused)")
        #expect(refused.result("message")?.contains("cannot refer to files") == true, "\(refused)")
    }
}
