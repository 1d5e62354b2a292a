import Foundation
import TestSupport
import Testing

/// `plan --diff`, `plan --out` and `push --plan`.
struct PlanFileTests {
    private func pushed(_ scene: Scene) async throws -> Repository {
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        return source
    }

    @Test func `a plan shows the changes of the Dockerfile and the card as a diff`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        let old = try source.text("Dockerfile")
        try await source.commit(
            [
                "Dockerfile": "FROM python:3.13\u{1B}[31m-slim\nCOPY app.py .\n", "app.py": "print('bye')\n",
                "README.md": try source.text("README.md").replacing("\n", with: "\r\n"),
            ], "Change")
        scene.dropCache()
        let plan = try await scene.spacesync("plan", "me/demo", "--diff", in: source.url)
        #expect(plan.status == 0, "\(plan)")
        #expect(
            plan.out.contains("--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,3 +1,2 @@\n-FROM python:3.12-slim\n")
        )
        #expect(plan.out.contains("\n+FROM python:3.13-slim\n"), "\(plan)")
        #expect(plan.out.contains("\n+title: Demo^M\n"), "\(plan)")
        #expect(!plan.out.contains("print("))
        let json = try await scene.spacesync("plan", "me/demo", "--diff", "--json", in: source.url)
        let planned = try #require(try lines(json).first { $0["event"] as? String == "planned" })
        let changes = try #require(planned["changes"] as? [[String: Any]])
        #expect(changes.count { $0["diff"] != nil } == 2)
        let diff = try #require(changes.first { $0["path"] as? String == "Dockerfile" }?["diff"] as? String)
        let work = scene.folder.url.appending(path: "work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        try Data(old.utf8).write(to: work.appending(path: "Dockerfile"))
        try Data(diff.utf8).write(to: work.appending(path: "patch"))
        let repository = Repository(url: work, home: scene.folder.path + "/home")
        try await repository.git("init", "-q")
        try await repository.git("apply", "patch")
        #expect(try repository.text("Dockerfile") == (try source.text("Dockerfile")))
        let plain = try await scene.spacesync("plan", "me/demo", "--json", in: source.url)
        #expect(!plain.out.contains(#""diff""#))
    }

    private func lines(_ finished: Finished) throws -> [[String: Any]] {
        try finished.out.split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }

    @Test func `a saved plan is pushed exactly, and a second push of it is refused`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        try await source.commit(["app.py": "print('bye')\n"], "Say bye")
        let file = scene.folder.path + "/plan.json"
        let plan = try await scene.spacesync("plan", "me/demo", "--out", file, in: source.url)
        #expect(plan.status == 0 && plan.err.contains("spacesync push --plan"), "\(plan)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let kept = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
                as? [String: Any])
        let space = try #require((kept["spaces"] as? [[String: Any]])?.first)
        #expect(space["source_commit"] as? String == (try await source.head()))
        let push = try await scene.spacesync("push", "--plan", file, "--no-wait", in: source.url)
        #expect(push.status == 0, "\(push)")
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.head("HEAD^{tree}") == space["tree"] as? String)
        #expect(try await clone.head("HEAD^") == space["space_head"] as? String)
        let again = try await scene.spacesync("push", "--plan", file, in: source.url)
        #expect(again.status == 9, "\(again)")
    }

    @Test func `changes since the plan was saved are named, and nothing is pushed`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        try await source.commit(["app.py": "print('bye')\n"], "Say bye")
        let file = scene.folder.path + "/plan.json"
        _ = try await scene.spacesync("plan", "me/demo", "--out", file, in: source.url)
        func refused(_ arguments: [String] = [], changing: [String: String?] = [:]) async throws -> String {
            let push = try await scene.spacesync(
                ["push", "--plan", file, "--no-wait"] + arguments, in: source.url, changing: changing)
            #expect(push.status == 9, "\(push)")
            return push.err
        }
        let settings = try await refused(["--exclude", "*.md"])
        #expect(settings.contains("the settings: now exclude = *.md"), "\(settings)")
        let hub = try await refused(changing: ["HF_ENDPOINT": "http://127.0.0.1:9"])
        #expect(hub.contains("planned for \(scene.hub.url)"), "\(hub)")
        let planned = try await source.head()
        try await source.commit(["more.py": "1\n"], "More")
        let moved = try await refused()
        #expect(moved.contains("the source: webai2hf was \(planned.prefix(7)), now"), "\(moved)")
        try await source.git("reset", "-q", "--hard", planned)
        let clone = try await scene.clone("me/demo")
        let head = try await clone.head()
        try await clone.commit(["new.txt": "1\n"], "By hand")
        try await clone.git("push", "-q", "origin", "main")
        let space = try await refused()
        #expect(space.contains("the Space me/demo: main was \(head.prefix(7)), now"), "\(space)")
        #expect(try await scene.clone("me/demo", as: "after").head() == (try await clone.head()))
        // Options that do not affect the result are not part of the plan.
        let fresh = try await scene.spacesync("plan", "me/demo", "--out", file, in: source.url)
        #expect(fresh.status == 9 && fresh.err.contains("--force=drift"), "\(fresh)")
        let push = try await scene.spacesync(
            "push", "--plan", file, "--no-wait", "--timeout", "5m", "--create",
            "--force=drift", in: source.url)
        #expect(push.status == 0, "\(push)")
    }

    @Test func `a saved plan for a missing Space creates it`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = scene.folder.path + "/plan.json"
        let plan = try await scene.spacesync("plan", "me/new", "--out", file, in: source.url)
        #expect(plan.status == 0, "\(plan)")
        #expect(
            plan.out.contains("emoji, colorFrom, colorTo from the Hub's defaults"), "\(plan)")
        let push = try await scene.spacesync(
            "push", "--plan", file, "--create", "--no-wait", in: source.url)
        #expect(push.status == 0, "\(push)")
        let clone = try await scene.clone("me/new")
        #expect(try await clone.paths() == [".gitattributes", "Dockerfile", "README.md", "app.py"])
        // The result is the same as without a plan: the card is completed from the Hub's initial card.
        let direct = try await scene.spacesync("push", "me/direct", "--create", "--no-wait", in: source.url)
        #expect(direct.status == 0, "\(direct)")
        let other = try await scene.clone("me/direct", as: "direct")
        func keys(_ clone: Repository) throws -> [Substring] {
            try clone.text("README.md").split(separator: "\n").map { $0.prefix { $0 != ":" } }
        }
        #expect(try keys(clone) == (try keys(other)))
        #expect(try keys(clone).contains("emoji"))
    }

    @Test(arguments: [
        ("", "is not a valid plan"), ("{}", "missing value: spacesync_plan"), ("[1]", "is not a valid plan"),
        ("\u{0}\u{1}", "is not a valid plan"),
        (#"{"spacesync_plan":2,"spaces":[]}"#, "has plan format 2, not 1"),
        (#"{"spacesync_plan":1,"spaces":[]}"#, "contains no Space"),
        (#"{"spacesync_plan":1,"spaces":[{"space":"me/demo"}]}"#, "missing value: spaces.[0]."),
        (#"{"spacesync_plan":"x"}"#, "has the wrong type"),
    ])
    func `an invalid plan file is refused with an explanation`(text: String, words: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = try scene.folder.write("other.json", text)
        let push = try await scene.spacesync("push", "--plan", file.path, in: source.url)
        #expect(push.status == 3 && push.err.contains(words), "\(push)")
        #expect(!push.err.contains("Swift") && !push.err.contains("Decoding"), "\(push)")
        let none = try await scene.spacesync("push", "--plan", "none.json", in: source.url)
        #expect(none.status == 3 && none.err.contains("no plan file none.json"), "\(none)")
    }

    @Test func `a plan that fails is not saved`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = scene.folder.path + "/plan.json"
        let plan = try await scene.spacesync(
            "plan", "me/demo", "--out", file, "--root", "nowhere", in: source.url)
        #expect(plan.status == 3 && !FileManager.default.fileExists(atPath: file), "\(plan)")
        let unwritable = try await scene.spacesync("plan", "me/demo", "--out", "/proc/plan", in: source.url)
        #expect(unwritable.status == 2, "\(unwritable)")
    }
}
