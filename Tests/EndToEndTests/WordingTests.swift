import Foundation
import TestSupport
import Testing

/// Messages of a run: correct, in the right place, printed once, and with commands that work as printed.
struct WordingTests {
    private func deployed(_ scene: Scene, _ more: [String: String] = [:]) async throws -> Repository {
        let source = try await scene.source(Scene.files.merging(more) { $1 })
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        return source
    }

    @Test func `a missing Space gets a hint with the typed command and --create`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let refused = try await scene.spacesync(
            "push", "me/demo", "--branch", "webai2hf:main", "-c", "card=title: My demo", in: source.url)
        let line = "spacesync push me/demo --branch webai2hf:main -c 'card=title: My demo' --create\n"
        #expect(refused.err.contains(line), "\(refused)")
        #expect(!refused.err.contains("Creating") && !refused.err.contains("Asking"), "\(refused)")
    }

    @Test func `a saved plan is followed by the command that pushes it`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = scene.folder.path + "/plan.json"
        let plan = try await scene.spacesync(
            "plan", "me/demo", "--branch", "webai2hf:main", "--create", "--out", file, in: source.url)
        let line = "spacesync push --plan \(file) --branch webai2hf:main --create"
        let lastLine = plan.err.split(separator: "\n").last { $0.contains("Plan saved") }
        let words = try #require(lastLine?.components(separatedBy: "spacesync ").last).split(separator: " ")
        #expect(Set(words) == Set(line.split(separator: " ").dropFirst()), "\(plan)")
        let pushed = try await scene.spacesync(words.map { String($0) } + ["--no-wait"], in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
    }

    @Test func `the drift hint repeats the typed flags and guards`() async throws {
        let scene = try await Scene()
        let source = try await deployed(scene, ["notes.txt": "one\n"])
        try await scene.clone("me/demo", as: "hub-side").publish(["notes.txt": "two\n"])
        let refused = try await scene.spacesync(
            "push", "me/demo", "--branch", "webai2hf:main", "--force=deletes", in: source.url)
        #expect(refused.status == 9, "\(refused)")
        #expect(
            refused.err.contains("spacesync push me/demo --branch webai2hf:main --force=drift,deletes"),
            "\(refused)")
        #expect(
            refused.err.contains(
                "spacesync push me/demo --branch webai2hf:main --force=deletes --drift merge"), "\(refused)")
    }

    @Test func `a plan distinguishes edits on the Space from changes in the source`() async throws {
        let scene = try await Scene()
        let source = try await deployed(
            scene, ["a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n", "d.txt": "d\n"])
        let hubSide = try await scene.clone("me/demo", as: "hub-side")
        try await hubSide.git("rm", "-q", "d.txt")
        try await hubSide.publish(["a.txt": "edited\n", "b.txt": "edited\n", "e.txt": "e\n"])
        try await source.commit(["b.txt": "changed\n", "c.txt": "changed\n"], "Change")
        let plan = try await scene.spacesync("plan", "me/demo", "--drift", "overwrite", in: source.url)
        for line in [
            "~ a.txt  edited on the Space since the last deploy\n",
            "~ b.txt  edited on the Space since the last deploy, and changed in the source\n",
            "~ c.txt  changed in the source\n", "+ d.txt  deleted on the Space since the last deploy\n",
            "- e.txt  added on the Space since the last deploy\n",
        ] { #expect(plan.out.contains(line), "\(line)\(plan)") }
    }

    @Test func `a removed file is distinguished from an excluded one`() async throws {
        let scene = try await Scene()
        let source = try await deployed(scene, ["a.txt": "a\n", "docs/b.txt": "b\n"])
        try await source.git("rm", "-q", "a.txt")
        try await source.commit([:], "Remove a")
        let plan = try await scene.spacesync("plan", "me/demo", "--exclude", "docs/", in: source.url)
        #expect(plan.out.contains("- a.txt       not in the source\n"), "\(plan)")
        #expect(plan.out.contains("- docs/b.txt  not in the selection\n"), "\(plan)")
    }

    @Test func `a change of settings is not reported as a change of the source`() async throws {
        let scene = try await Scene()
        let source = try await deployed(scene, ["app2.py": "print(2)\n"])
        let plan = try await scene.spacesync(
            "plan", "me/demo", "--map", "app2.py:app.py", "-c", "card=title: Other", "--sdk", "docker",
            in: source.url)
        #expect(plan.out.contains("title set by -c card"), "\(plan)")
        #expect(plan.out.contains("map app2.py:app.py"), "\(plan)")
        let static_ = try await scene.spacesync("plan", "me/demo", "--sdk", "static", in: source.url)
        #expect(static_.out.contains("sdk set by --sdk"), "\(static_)")
    }

    @Test func `the Space's README is preserved, and the plan says why`() async throws {
        let scene = try await Scene()
        let source = try await deployed(scene)
        let plan = try await scene.spacesync("plan", "me/demo", "--exclude", "README.md", in: source.url)
        #expect(plan.out.contains("= README.md") && plan.out.contains("the Hub needs the card"), "\(plan)")
    }

    @Test func `settings are printed under the heading of their target`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let plan = try await scene.spacesync("plan", "me/demo", "-v", "--branch", "webai2hf", in: source.url)
        let heading = try #require(plan.err.range(of: "=====> me/demo"))
        let setting = try #require(plan.err.range(of: "branch = webai2hf  (--branch)"))
        #expect(heading.lowerBound < setting.lowerBound, "\(plan)")
    }

    @Test func `a push to a branch other than main says that the app does not show it`() async throws {
        let scene = try await Scene()
        let source = try await deployed(scene)
        let pushed = try await scene.spacesync("push", "me/demo", "--branch", "webai2hf:dev", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.err.contains("only the branch main is built and shown"), "\(pushed)")
        #expect(pushed.err.contains("spacesync push me/demo --branch webai2hf:main"), "\(pushed)")
        #expect(pushed.out.hasPrefix("http://me-demo.localhost:"), "\(pushed)")
    }

    @Test func `the new settings file alone does not count as an uncommitted change`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("init", "me/demo", in: source.url)
        let plan = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(plan.status == 0 && !plan.err.contains("not deployed:"), "\(plan)")
        try source.write(["app.py": "print(3)\n"])
        let other = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(other.err.contains("not deployed: 1 uncommitted change in the work tree"), "\(other)")
        try await source.git("add", ".spacesync")
        let staged = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(staged.err.contains("not deployed: 1 uncommitted change in the work tree"), "\(staged)")
    }

    @Test func `a port in use is a usage error`() async throws {
        let scene = try await Scene()
        let port = try #require(URL(string: scene.hub.url)?.port)
        let hub = try await scene.spacesync("hub", "--port", "\(port)")
        #expect(hub.status == 2, "\(hub)")
        #expect(hub.err.contains("port \(port) is in use") && hub.err.contains("omit --port"), "\(hub)")
    }

    @Test func `without a token, a hint says that a local Hub accepts any`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let local = try await scene.spacesync(
            "push", "me/demo", "--create", in: source.url, changing: ["HF_TOKEN": nil])
        #expect(local.status == 5, "\(local)")
        #expect(local.err.contains("HF_TOKEN=hf_local spacesync push me/demo --create\n"), "\(local)")
        let real = try await scene.spacesync(
            "push", "me/demo", in: source.url, changing: ["HF_TOKEN": nil, "HF_ENDPOINT": nil])
        #expect(real.err.contains("https://huggingface.co/settings/tokens"), "\(real)")
    }

    @Test func `a deploy writes only its cache to the home directory`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let home = scene.folder.url.appending(path: "fresh")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", in: source.url, changing: ["HOME": home.path])
        #expect(pushed.status == 0, "\(pushed)")
        let found = try FileManager.default.subpathsOfDirectory(atPath: home.path)
        let foreign = found.filter {
            $0 != ".cache" && $0 != ".cache/spacesync" && !$0.hasPrefix(".cache/spacesync/")
        }
        #expect(foreign.isEmpty, "\(foreign)")
        #expect(!found.contains { $0.contains("swift") }, "\(found)")
    }

    @Test func `a rebuild is printed as a step`() async throws {
        let scene = try await Scene()
        let source = try await deployed(scene)
        let pushed = try await scene.spacesync("push", "me/demo", "--rebuild", "--no-wait", in: source.url)
        #expect(pushed.err.contains("-----> Rebuilding from scratch (factory)"), "\(pushed)")
    }

    @Test func `a push to a paused Space does not wait for a build`() async throws {
        let scene = try await Scene()
        let source = try await deployed(scene)
        try await scene.set("PAUSED")
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let clock = ContinuousClock()
        let start = clock.now
        let pushed = try await scene.spacesync("push", "me/demo", "--branch", "webai2hf:main", in: source.url)
        #expect(start.duration(to: clock.now) < .seconds(200), "\(pushed)")
        #expect(pushed.status == 0 && pushed.err.contains("me/demo pushed at"), "\(pushed)")
        #expect(pushed.err.contains("spacesync push me/demo --branch webai2hf:main --wake"), "\(pushed)")
    }

    @Test func `the delete guard does not repeat the plan`() async throws {
        let scene = try await Scene()
        let many = Dictionary(uniqueKeysWithValues: (1...30).map { ("docs/\($0).txt", "x\n") })
        let source = try await deployed(scene, many)
        let refused = try await scene.spacesync("push", "me/demo", "--exclude", "docs/", in: source.url)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.components(separatedBy: "- docs/1.txt").count == 2, "\(refused)")
        #expect(refused.err.contains("spacesync push me/demo --exclude docs/ --force=deletes"), "\(refused)")
    }
}
