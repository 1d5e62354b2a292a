import Foundation
import TestSupport
import Testing

/// File-name checks for all paths that reach a Space, whether unchanged, mapped, added or in the history.
struct PathNameTests {
    /// Adds `dir/NAME` in a commit that regular Git would not create.
    private func plant(_ name: String, mode: String = "100644", in source: Repository) async throws {
        let blob = try await source.git("rev-parse", "HEAD:app.py")
        let list = source.url.appending(path: ".git/list")
        try Data("\(mode) blob \(blob)\t\(name)\n100644 blob \(blob)\tplain.txt\n".utf8).write(to: list)
        let script = "git mktree < .git/list"
        let inner = try await shell(script, source)
        try Data("040000 tree \(inner)\tdir\n".utf8).write(to: list)
        let top = try await shell("(git ls-tree HEAD; cat .git/list) | git mktree", source)
        let commit = try await source.git("commit-tree", "-p", "HEAD", "-m", "Plant", top)
        try await source.git("update-ref", "refs/heads/webai2hf", commit)
    }

    private func shell(_ script: String, _ source: Repository) async throws -> String {
        let ran = try await run(
            "/bin/sh", ["-c", script], environment: gitEnvironment(home: source.home), directory: source.url)
        try #require(ran.status == 0, "\(ran)")
        return ran.out.trimmingCharacters(in: .newlines)
    }

    @Test(arguments: [
        #"foo\.git"#, #"foo\.git\config"#, "git~1", ".git ", ".git::$INDEX_ALLOCATION", ".g\u{200c}it",
    ])
    func `a forbidden name in an unchanged directory stops the deploy`(name: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await plant(name, in: source)
        for words in [[], ["-c", "history=source"]] {
            let run = try await scene.spacesync(
                ["push", "me/demo", "--create", "--json"] + words, in: source.url)
            #expect(run.status == 6, "\(name) \(words): \(run)")
            #expect(run.events("result").last?["outcome"] as? String == "refused")
            let checked = try await scene.spacesync(["check", "--json"] + words, in: source.url)
            let found = checked.events("finding").filter { $0["rule"] as? String == "file-name" }
            #expect(found.count == 1 && found[0]["path"] as? String != nil, "\(name) \(words): \(checked)")
        }
        let left = try await scene.spacesync(
            "push", "me/demo", "--create", "--exclude", "dir", "--no-wait", in: source.url)
        #expect(left.status == 0, "\(left)")
    }

    @Test func `a link in place of .gitmodules stops the deploy`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        // The default selection excludes .gitmodules itself.
        try await plant("gitmod~1", mode: "120000", in: source)
        let refused = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(refused.status == 6 && refused.err.contains("gitmodules"), "\(refused)")
        let whole = try await scene.spacesync(
            "push", "me/demo", "--create", "-c", "history=source", in: source.url)
        #expect(whole.status == 6 && whole.err.contains("gitmodules"), "\(whole)")
    }

    @Test func `map and add cannot create a forbidden name`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for key in ["map", "add"] {
            for to in [".git/config", "x/.GIT/config", "git~1/config", #"foo\.git"#] {
                let run = try await scene.spacesync(
                    "push", "me/demo", "--create", "-c", "\(key)=app.py:\(to)", in: source.url)
                #expect(run.status == 6, "\(key) \(to): \(run)")
            }
        }
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.hasSuffix("create") })
    }

    @Test func `earlier commits of the history are checked too`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await plant(#"foo\.git"#, in: source)
        try await source.git("commit", "-q", "-m", "Gone")
        let run = try await scene.spacesync(
            "push", "me/demo", "--create", "-c", "history=source", in: source.url)
        #expect(run.status == 6 && run.err.contains("(in commit"), "\(run)")
        let snapshot = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        #expect(snapshot.status == 0, "\(snapshot)")
    }
}
