import Foundation
import TestSupport
import Testing

/// The credential scan of allowed files is repeated before more people can see a private Space.
struct ExposureTests {
    /// A private Space with a token in a file, which its first push allowed.
    private func scene(_ flags: String...) async throws -> (Scene, Repository) {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(["conf/token.py": "KEY = '\(CheckTests.credential)'\n"], "Key")
        let run = try await scene.spacesync(
            ["push", "me/demo", "--create", "--no-wait", "-c", "allowCredential=conf/"] + flags,
            in: source.url)
        try #require(run.status == 0, "\(run)")
        return (scene, source)
    }

    private func expectPrivate(_ scene: Scene, _ refused: Finished, _ words: [String]) async throws {
        #expect(refused.status == 9, "\(refused)")
        for word in words + ["conf/token.py:1"] { #expect(refused.err.contains(word), "\(word): \(refused)") }
        #expect(!(refused.out + refused.err).contains(CheckTests.credential))
        #expect(try await scene.spacesync("visibility", "me/demo").out == "me/demo private\n")
        #expect(
            try await scene.hub.asked().allSatisfy { $0.method != "PUT" && !$0.path.hasSuffix("/duplicate") })
    }

    @Test func `visibility scans every file before a Space becomes public, even with --yes`() async throws {
        let (scene, source) = try await scene()
        for words in [[], ["--yes"]] {
            let run = try await scene.spacesync(["visibility", "me/demo", "public"] + words, in: source.url)
            try await expectPrivate(scene, run, ["history becomes readable too", "allowCredential"])
        }
        let json = try await scene.spacesync(
            "visibility", "me/demo", "public", "--yes", "--json", in: source.url)
        #expect(
            json.result("outcome") == "refused" && json.result("message")?.contains("history") == true,
            "\(json)")
        let app = try await scene.spacesync("visibility", "me/demo", "protected", "--yes", in: source.url)
        try await expectPrivate(scene, app, ["app"])
        scene.dropCache()
        let elsewhere = try await scene.spacesync("visibility", "me/demo", "public", "--yes")
        try await expectPrivate(scene, elsewhere, ["history"])
        try await source.git("config", "--add", "space.me/demo.allowCredential", "/conf/token.py")
        let allowed = try await scene.spacesync("visibility", "me/demo", "public", "--yes", in: source.url)
        #expect(allowed.status == 0 && allowed.out == "me/demo public\n", "\(allowed)")
        #expect(
            allowed.err.contains("conf/token.py:1") && allowed.err.contains("allowCredential"), "\(allowed)")
    }

    @Test func `a push with the visibility setting scans every file, with and without changes`() async throws
    {
        let (scene, source) = try await scene()
        for isChanged in [false, true] {
            if isChanged { try await source.commit(["app.py": "print(2)\n"], "Two") }
            for command in ["push", "plan"] {
                let run = try await scene.spacesync(
                    [command, "me/demo", "--visibility", "public", "--yes"], in: source.url)
                try await expectPrivate(scene, run, ["history becomes readable too", "allowCredential"])
            }
        }
        // The commit that removes the file does not remove it from the history.
        try await source.git("rm", "-q", "conf/token.py")
        try await source.git("commit", "-q", "-m", "Gone")
        let gone = try await scene.spacesync(
            "push", "me/demo", "--visibility", "public", "--yes", in: source.url)
        try await expectPrivate(scene, gone, ["history"])
        let allowed = try await scene.spacesync(
            "push", "me/demo", "--visibility", "public", "--yes", "--no-wait", "-c", "allowCredential=conf/",
            in: source.url)
        #expect(allowed.status == 0, "\(allowed)")
        #expect(try await scene.spacesync("visibility", "me/demo").out == "me/demo public\n")
    }

    @Test func `a preserved file that is not in the source is scanned too`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try await scene.clone("me/demo").publish(["data/note.txt": "\(CheckTests.credential)\n"])
        let push = ["push", "me/demo", "-c", "keep=data/", "--visibility", "public", "--yes", "--no-wait"]
        let run = try await scene.spacesync(push, in: source.url)
        #expect(run.status == 9 && run.err.contains("data/note.txt:1"), "\(run)")
    }

    @Test func `a duplicate with wider visibility is scanned too`() async throws {
        let (scene, source) = try await scene()
        let copy = try await scene.spacesync(
            "duplicate", "me/demo", "me/copy", "--public", "--yes", in: source.url)
        try await expectPrivate(scene, copy, ["me/copy", "history"])
        #expect(try await scene.spacesync("duplicate", "me/demo", "me/own", "--yes").status == 0)
    }

    @Test func `LFS files are fetched and scanned`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let wide = try #require("KEY = '\(CheckTests.credential)'\n".data(using: .utf16))
        try wide.write(to: source.url.appending(path: "wide.txt"))
        try await source.commit(["logo.bin": "\0\u{1}\u{2}"], "Logo")
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", "-c", "allowCredential=*", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        for line in [["visibility", "me/demo", "public"], ["duplicate", "me/demo", "me/copy", "--public"]] {
            let run = try await scene.spacesync(line + ["--yes"])
            #expect(run.status == 9 && run.err.contains("wide.txt"), "\(run)")
        }
        let plan = try await scene.spacesync(
            "push", "me/demo", "--visibility", "public", "--yes", in: source.url)
        #expect(plan.status == 9 && plan.err.contains("wide.txt"), "\(plan)")
    }

    @Test func `an LFS file that is too large to be scanned is reported`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try Data(count: 11 << 20).write(to: source.url.appending(path: "weights.bin"))
        try await source.commit(["note.txt": "x"], "Weights")
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        let run = try await scene.spacesync("visibility", "me/demo", "public", "--yes")
        #expect(run.status == 0 && run.err.contains("1 file in Git LFS was not searched"), "\(run)")
    }

    @Test func `create with --exist-ok does not widen the visibility`() async throws {
        let (scene, _) = try await scene()
        let run = try await scene.spacesync("create", "me/demo", "--public", "--exist-ok", "--yes")
        #expect(run.status == 0, "\(run)")
        #expect(try await scene.spacesync("visibility", "me/demo").out == "me/demo private\n")
    }

    @Test func `visibility changes without credentials, or to fewer people, are not blocked`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        for visibility in ["protected", "public", "private"] {
            let run = try await scene.spacesync("visibility", "me/demo", visibility, "--yes")
            #expect(run.status == 0 && run.out == "me/demo \(visibility)\n", "\(run)")
        }
    }
}
