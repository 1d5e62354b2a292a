import Foundation
import TestSupport
import Testing

/// End-to-end tests of `add`: untracked files of the caller's own working tree.
struct AddTests {
    private let flag = ["-c", "add=dist/:/"]

    private func built(_ scene: Scene) async throws -> Repository {
        var files = Scene.files
        files[".gitignore"] = "dist/\n"
        let source = try await scene.source(files)
        let dist = source.url.appending(path: "dist")
        try FileManager.default.createDirectory(
            at: dist.appending(path: "assets/.git"), withIntermediateDirectories: true)
        for (name, text) in [
            "index.html": "built\n", "run.sh": "#!/bin/sh\n", "assets/.git/config": "no\n",
        ] {
            try Data(text.utf8).write(to: dist.appending(path: name))
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: dist.path + "/run.sh")
        try FileManager.default.createSymbolicLink(
            atPath: dist.path + "/assets/home", withDestinationPath: "../index.html")
        return source
    }

    @Test func `ignored files are deployed with modes and links, and the commit records their folder`()
        async throws
    {
        let scene = try await Scene()
        let source = try await built(scene)
        let pushed = try await scene.spacesync(
            ["push", "me/demo", "--create", "--no-wait"] + flag, in: source.url)
        #expect(pushed.status == 0 && pushed.err.contains("add dist/:/"), "\(pushed)")
        let clone = try await scene.clone("me/demo")
        let tree = try await clone.git("ls-tree", "-r", "HEAD")
        let kinds = tree.split(separator: "\n").reduce(into: [String: Substring]()) { kinds, line in
            kinds[String(line.split(separator: "\t")[1])] = line.prefix(6)
        }
        #expect(kinds["index.html"] == "100644" && kinds["run.sh"] == "100755", "\(tree)")
        #expect(kinds["assets/home"] == "120000" && !tree.contains(".git/config"), "\(tree)")
        #expect(kinds["app.py"] == "100644", "laid over the selection")
        #expect(try await clone.git("log", "-1", "--format=%B").contains("Source-Dirty: dist\n"))
        #expect(try await source.git("status", "--porcelain") == "")
    }

    @Test func `only added files that were rebuilt with new content count as changes`() async throws {
        let scene = try await Scene()
        let source = try await built(scene)
        let push = ["push", "me/demo", "--create", "--no-wait"] + flag
        _ = try await scene.spacesync(push, in: source.url)
        let again = try await scene.spacesync(push, in: source.url)
        #expect(again.err.contains("nothing to change"), "\(again)")
        try Data("anew\n".utf8).write(to: source.url.appending(path: "dist/index.html"))
        let plan = try await scene.spacesync(["plan", "me/demo", "--json"] + flag, in: source.url)
        #expect(plan.out.contains(#""path":"index.html""#), "\(plan)")
        #expect(!plan.out.contains("run.sh"), "\(plan)")
        #expect(try await scene.spacesync(push, in: source.url).status == 0)
        #expect(try await scene.clone("me/demo").text("index.html") == "anew\n")
    }

    @Test func `add without a working tree of the caller is refused before anything is sent`() async throws {
        let scene = try await Scene()
        let source = try await built(scene)
        try await source.git("clone", "-q", "--bare", ".", scene.folder.path + "/bare.git")
        let bare = scene.folder.url.appending(path: "bare.git")
        for (arguments, directory, message) in [
            (["-c", "add=dost/:/"], source.url, "no file at dost"), (flag, bare, "this repository is bare"),
            (["-c", "add=../x:/"], source.url, "not a valid FROM:TO with paths inside the tree"),
        ] {
            let refused = try await scene.spacesync(
                ["push", "me/demo", "--create"] + arguments, in: directory)
            #expect([2, 3].contains(refused.status), "\(arguments): \(refused)")
            #expect(refused.err.contains(message), "\(arguments): \(refused)")
        }
        let settings = scene.folder.url.appending(path: "conf")
        try Data("[space \"me/demo\"]\n\tsource = source\n\tadd = dist/:/\n".utf8).write(to: settings)
        let foreign = try await scene.spacesync("push", "--config", "conf", in: scene.folder.url)
        #expect(
            foreign.status == 3 && foreign.err.contains("the source is not your own work tree"), "\(foreign)")
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.contains("create") })
    }

    @Test func `a hook refuses add, whether it comes from the pusher or the operator`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let greedy = "[space \"me/demo\"]\n\tadd = hooks/:/\n"
        try await hook.work.commit([".spacesync": greedy], "Mine")
        let theirs = try await hook.push("webai2hf")
        #expect(theirs.err.contains("cannot set add"), "\(theirs)")
        try await hook.work.commit([".spacesync": "# none\n"], "None")
        try await hook.configure(["space.me/demo.add": "hooks/:/"])
        let operators = try await hook.push("webai2hf")
        #expect(operators.err.contains("add = hooks: the source is not your own work tree"), "\(operators)")
        #expect(try await hook.writes().isEmpty)
    }
}
