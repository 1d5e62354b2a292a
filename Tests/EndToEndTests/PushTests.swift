import Foundation
import TestSupport
import Testing

struct PushTests {
    @Test func `a branch is deployed to a Space that push creates, and runs`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--branch", "webai2hf:main", "--create", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.out == "\(appURL(scene, "me-demo"))\n")
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.paths() == [".gitattributes", "Dockerfile", "README.md", "app.py"])
        #expect(try clone.text("app.py") == "print('hello')\n")
        let runtime = try await scene.hub.json("/spaces/me/demo/runtime")
        #expect(runtime["stage"] as? String == "RUNNING")
        #expect(runtime["sha"] as? String == (try await clone.head()))
    }

    @Test func `the commit records its source`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--branch", "webai2hf", "--create", in: source.url)
        let message = try await scene.clone("me/demo").git("log", "-1", "--format=%an <%ae>%n%B")
        #expect(message.hasPrefix("Ada <ada@example.org>\nSay hello\n"))
        #expect(message.contains("Source-Repository: source\nSource-Branch: webai2hf\n"))
        #expect(message.contains("Source-Commit: \(try await source.head())\n"))
        #expect(message.contains("Deployed-By: ada@"))
    }

    @Test func `a push without changes makes no commit and reports unchanged`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        let head = try await scene.clone("me/demo").head()
        let again = try await scene.spacesync("push", "me/demo", "--json", in: source.url)
        #expect(again.status == 0)
        #expect(again.out.contains(#""outcome":"unchanged""#), "\(again)")
        #expect(try await scene.clone("me/demo", as: "again").head() == head)
    }

    @Test func `a plan sends nothing and shows what a push would change`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try await source.commit(["app.py": "print('bye')\n", "new/file.txt": "x\n"], "Say bye")
        try await source.git("rm", "-q", "Dockerfile")
        try await source.commit(["Dockerfile.hf": "FROM python:3.12\n"], "Move")
        try await scene.hub.forget()
        let plan = try await scene.spacesync(
            "plan", "me/demo", "--dockerfile", "Dockerfile.hf", "--exit-code", in: source.url)
        #expect(plan.status == 10, "\(plan)")
        #expect(plan.out.contains("~ Dockerfile"))
        #expect(plan.out.contains("from Dockerfile.hf"))
        #expect(plan.out.contains("~ app.py"))
        #expect(plan.out.contains("+ new/file.txt"))
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.contains("receive-pack") })
    }

    @Test func `selection, map and keep determine the tree`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        files["hf/config.yaml"] = "hf: true\n"
        files["config.hf.yaml"] = "port: 7860\n"
        files["docs/a.md"] = "a\n"
        files[".github/workflows/ci.yml"] = "on: push\n"
        files["bin/run"] = "#!/bin/sh\n"
        let source = try await scene.source(files)
        try await source.git("update-index", "--chmod=+x", "bin/run")
        try await source.git("commit", "-q", "-m", "run")
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--exclude", "docs/", "--exclude", "/hf", "--map", "hf/:/",
            "--map", "config.hf.yaml:etc/", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.clone("me/demo")
        #expect(
            try await clone.paths() == [
                ".gitattributes", "Dockerfile", "README.md", "app.py", "bin/run", "config.hf.yaml",
                "config.yaml",
                "etc/config.hf.yaml",
            ])
        #expect(try await clone.git("ls-files", "-s", "bin/run").hasPrefix("100755"))
        // The Space's own data is preserved with keep, and would be removed without it.
        try await clone.commit(["data/state.json": "{}\n"], "state")
        try await clone.git("push", "-q", "origin", "main")
        let kept = try await scene.spacesync(
            "push", "me/demo", "--exclude", "docs/", "-c", "keep=data/", in: source.url)
        #expect(kept.status == 0, "\(kept)")
        #expect(try await scene.clone("me/demo", as: "kept").paths().contains("data/state.json"))
        let gone = try await scene.spacesync("push", "me/demo", "--exclude", "docs/", in: source.url)
        #expect(gone.err.contains("- data/state.json"), "\(gone)")
    }

    @Test func `a bare repository, a subdirectory and a URL are sources too`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write(["sub/x": "x"])
        let bare = scene.folder.url.appending(path: "bare.git")
        try await source.git("clone", "-q", "--bare", source.url.path, bare.path)
        let fromBare = try await scene.spacesync("push", "me/bare", "--create", in: bare)
        #expect(fromBare.status == 0, "\(fromBare)")
        let fromBelow = try await scene.spacesync(
            "push", "me/below", "--create", in: source.url.appending(path: "sub"))
        #expect(fromBelow.status == 0, "\(fromBelow)")
        #expect(fromBelow.err.contains("not deployed: 1 uncommitted change in the work tree"))
        let fromURL = try await scene.spacesync(
            "push", "me/url", "--create", "--source", "file://\(bare.path)", "--branch", "webai2hf")
        #expect(fromURL.status == 0, "\(fromURL)")
        let words = ["--source", "\(scene.hub.url)/spaces/me/bare", "--branch", "main"]
        let stranger = try await scene.spacesync(["plan", "me/http"] + words, changing: ["HF_TOKEN": nil])
        #expect(stranger.status == 5, "a private source without a token: \(stranger)")
        let overHTTP = try await scene.spacesync(["push", "me/http", "--create"] + words)
        #expect(overHTTP.status == 0, "\(overHTTP)")
    }

    private func appURL(_ scene: Scene, _ name: String) -> String {
        scene.hub.url.replacing("127.0.0.1", with: "\(name).localhost")
    }
}
