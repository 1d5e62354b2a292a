import Foundation
import TestSupport
import Testing

@testable import HTTP

/// A token appears only in requests to the origin that it belongs to.
struct SecretTests {
    /// A value that does not look like a credential; unique, because other tests run concurrently.
    private let token = "walrus-\(UUID().uuidString)"

    /// The token, and its encodings in Basic authorization.
    private var shapes: [String] {
        [
            token, Data("spacesync:\(token)".utf8).base64EncodedString(),
            Data(token.utf8).base64EncodedString(),
        ]
    }

    private func isClean(_ text: String) -> Bool { !shapes.contains { text.contains($0) } }

    private func expectClean(_ finished: Finished, _ scene: Scene) throws {
        #expect(isClean(finished.out + finished.err), "\(finished)")
        #expect(try filesWithToken(below: scene.folder.url) == [])
    }

    private func filesWithToken(below root: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { name in
            guard let data = FileManager.default.contents(atPath: root.path + "/" + name) else {
                return false
            }
            return shapes.contains { data.range(of: Data($0.utf8)) != nil }
        }
    }

    /// Searches every object of the Hub's and the cache's repositories; Git compresses them, so
    /// files are not enough.
    private func expectCleanObjects(_ scene: Scene) async throws {
        for repository in try scene.bareRepositories(below: scene.folder.url) {
            let objects = try await repository.git(
                "cat-file", "--batch-all-objects", "--batch", "--unordered")
            #expect(isClean(objects), "\(repository.url.path)")
        }
    }

    private func temporary(_ scene: Scene) throws -> String {
        let folder = scene.folder.url.appending(path: "tmp")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }

    @Test(.timeLimit(.minutes(30)))
    func `after runs that succeed, fail or are refused, the token is in no output or file`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let environment: [String: String?] = ["HF_TOKEN": token, "TMPDIR": try temporary(scene)]
        for line in [
            ["push", "me/demo", "--create", "-v"], ["push", "me/demo", "--json"], ["plan", "me/demo", "-v"],
            ["watch", "me/demo", "-v"], ["push", "me/none"], ["push", "me/demo", "--branch", "none"],
            ["push", "me/demo", "--brunch"],
        ] {
            try expectClean(try await scene.spacesync(line, in: source.url, changing: environment), scene)
        }
        try await source.commit([".hub.json": #"{"build":{"fail":"COPY"}}"#], "Break")
        let broken = try await scene.spacesync("push", "me/demo", "-v", in: source.url, changing: environment)
        #expect(broken.status == 7, "\(broken)")
        try expectClean(broken, scene)
        try await source.commit(["README.md": "---\nsdk: docker\ncolorFrom: orange\n---\n"], "Orange")
        try expectClean(
            try await scene.spacesync("push", "me/demo", "-v", in: source.url, changing: environment), scene)
        try await scene.hub.fault(#"{"path":"/","status":500,"body":"no","times":-1}"#)
        try expectClean(
            try await scene.spacesync("push", "me/demo", "-v", in: source.url, changing: environment), scene)
        try await expectCleanObjects(scene)
        let asked = try await scene.hub.call("GET", "/_hub/requests")
        #expect(isClean(String(decoding: asked.body, as: UTF8.self)))
    }

    @Test func `a rejected token is not shown`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for wrong in ["hf_wrong\(token)", "hf_read\(token)"] {
            let refused = try await scene.spacesync(
                "push", "me/demo", "--create", "-v", in: source.url, changing: ["HF_TOKEN": wrong])
            #expect(refused.status == 5, "\(refused)")
            try expectClean(refused, scene)
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `the token is never in a process's command line`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":1}}"#]) { $1 })
        let pushing = try scene.start(
            "push", "me/demo", "--create", "-v", in: source.url, changing: ["HF_TOKEN": token])
        var seen: [String] = []
        var samples = 0
        while pushing.isRunning {
            seen += shapes.flatMap(ProcessTable.commands(naming:))
            samples += 1
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(samples > 20)
        #expect(seen.isEmpty, "\(seen)")
        #expect(await pushing.end().status == 0)
    }

    @Test(
        arguments: ["info/refs", "git-upload-pack", "git-receive-pack", "/api/spaces", "/runtime", "/logs/"],
        [302, 307])
    func `a redirect to another origin is never sent the token`(path: String, status: Int) async throws {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        let otherServer = try ScriptedServer([.request, answer("404 Not Found", ["Connection: close"], "no")])
        try await scene.hub.fault(
            #"{"path":"\#(path)","status":\#(status),"headers":{"Location":"\#(otherServer.url("/stolen"))"},"times":-1}"#
        )
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--timeout", "3s", in: source.url, changing: ["HF_TOKEN": token])
        #expect(isClean(pushed.out + pushed.err), "\(pushed)")
        if path == "info/refs" {
            #expect(!otherServer.connections.isEmpty, "a GET follows, without the token")
        }
        for request in otherServer.connections {
            #expect(isClean(request) && !request.lowercased().contains("authorization"), "\(request)")
        }
    }

    @Test func `credentials in a source's URL are in no output, file or commit`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/source", "--create", "--no-wait", in: source.url)
        let url = scene.hub.url.replacing("http://", with: "http://ada:\(token)@") + "/spaces/me/source"
        for flags in [["-v"], ["--json"]] {
            let pushed = try await scene.spacesync(
                ["push", "me/demo", "--create", "--source", url, "--branch", "main"] + flags)
            #expect(pushed.status == 0, "\(pushed)")
            try expectClean(pushed, scene)
        }
        let message = try await scene.clone("me/demo").git("log", "-1", "--format=%B")
        #expect(message.contains("Source-Repository: \(scene.hub.url)/spaces/me/source\n"), "\(message)")
        let missing = try await scene.spacesync(
            "push", "me/demo", "--source", url + "-none", "--branch", "main", "-v")
        #expect(missing.status != 0)
        #expect(isClean(missing.out + missing.err), "\(missing)")
        try await expectCleanObjects(scene)
    }

    /// The token is the value of a misspelt key, or in place of a name.
    @Test func `a token in the wrong place of the settings is not printed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let odd = "hf_" + String(repeating: "Walrus7", count: 4)
        let config = scene.folder.url.appending(path: "conf")
        for text in [
            "[account \"me\"]\n\ttokn = \(odd)\n", "[account \"me\"]\n\ttoken = env:\(odd)\n",
            "[space \"me/demo\"]\n\ttoken = \(odd)\n", "[source \"https://x.org\"]\n\tpass = \(odd)\n",
            "[space \"me/demo\"]\n\tsdk = \(odd)\n",
        ] {
            try Data(text.utf8).write(to: config)
            let finished = try await scene.spacesync(
                "push", "me/demo", "--config", config.path, in: source.url)
            #expect(finished.status == 3 || finished.status == 5, "\(finished)")
            #expect(!(finished.out + finished.err).contains(odd), "\(finished)")
        }
        let flags = [["--token-file", odd], ["--sdk", odd], ["-c", "sdk=\(odd)"]]
        for flag in flags {
            let finished = try await scene.spacesync(["push", "me/demo"] + flag, in: source.url)
            #expect([2, 5].contains(finished.status), "\(finished)")
            #expect(!(finished.out + finished.err).contains(odd), "\(finished)")
        }
    }
}
