import Foundation
import TestSupport
import Testing

/// `status`, `list`, `logs` and `metrics`.
struct StatusTests {
    @Test func `an invalid settings file does not prevent commands on a named Space`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        for text in ["[space \"me/other\"]\n    brnch = main\n", "[space \"me/other\"\n"] {
            try source.write([".spacesync": text])
            for words in [["status", "me/demo"], ["logs", "me/demo"], ["restart", "me/demo"]] {
                let run = try await scene.spacesync(words, in: source.url)
                #expect(run.status == 0 && run.err.contains("warning: .spacesync is ignored"), "\(run)")
                #expect(run.err.contains("spacesync check"), "\(run)")
            }
            #expect(try await scene.spacesync("status", in: source.url).status == 3)
            #expect(try await scene.spacesync("push", "me/demo", in: source.url).status == 3)
        }
    }

    @Test func `status shows the Space's source commit and later commits`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(pushed.status == 0, "\(pushed)")
        _ = try await scene.spacesync("visibility", "me/demo", "public", "-y")
        try await scene.hub.forget()
        let fresh = try await scene.spacesync("status", "me/demo", changing: ["HF_TOKEN": nil])
        let commit = try await source.head()
        #expect(fresh.status == 0 && fresh.out.hasPrefix("me/demo RUNNING\n"), "\(fresh)")
        for words in [
            "Say hello", ", runs\n", "\(commit.prefix(7)) of webai2hf", "cpu-basic, free", "docker, public",
            "me-demo.localhost", "\(scene.hub.url)/spaces/me/demo",
        ] { #expect(fresh.out.contains(words), "\(words): \(fresh)") }
        #expect(!fresh.out.contains("drift"))
        #expect(try await scene.hub.asked().count == 3)
        try await scene.clone("me/demo").publish(["note.txt": "x\n"])
        let later = try await scene.spacesync("status", "me/demo", "--json")
        #expect(later.events[0]["commits_since_deploy"] as? Int == 1, "\(later)")
        #expect(later.events[0]["source_commit"] as? String == commit)
        let text = try await scene.spacesync("status", "me/demo")
        #expect(text.out.contains("1 commit after the deploy: spacesync drift me/demo"), "\(text)")
    }

    @Test func `status shows all Spaces of the settings, also if one fails`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace("one")
        try await scene.makeSpace("two")
        try await scene.set("DREAMING", of: "me/one", error: "a\u{1B}[31m b")
        let source = try await scene.source()
        try source.write([
            ".spacesync":
                "[space]\n\tmanual\n[space \"me/one\"]\n\tsdk = docker\n[space \"me/two\"]\n\tsdk = docker\n[space \"me/none\"]\n\tsdk = docker\n"
        ])
        try await scene.hub.forget()
        let all = try await scene.spacesync("status", in: source.url)
        #expect(all.status == 6 && all.err.contains("no such Space"), "\(all)")
        let lines = all.out.split(separator: "\n")
        #expect(lines.count == 3 && lines[1].hasPrefix("me/one  DREAMING"), "\(all)")
        #expect(lines[2].hasPrefix("me/two  NO_APP_FILE"))
        #expect(try await scene.hub.asked().count <= 3 * 2 + 1)
        let one = try await scene.spacesync("status", "me/one")
        #expect(one.out.contains("a b\n") && !one.out.contains("\u{1B}"), "\(one)")
        #expect(try await scene.spacesync("status", "me/two", "-q").out == "me/two\n")
        let none = try await scene.spacesync("status")
        #expect(none.status == 2, "\(none)")
    }

    @Test func `the Spaces of every account are listed with the account's token`() async throws {
        let scene = try await Scene(hub: ["--token", "sesame=ann:write", "--organization", "lab=me"])
        for name in ["demo", "b"] { try await scene.makeSpace(name) }
        _ = try await scene.hub.api(
            "POST", "/repos/create",
            #"{"type":"space","name":"x","organization":"lab","sdk":"static","private":true}"#)
        _ = try await scene.hub.call(
            "POST", "/api/repos/create", #"{"type":"space","name":"hers","sdk":"docker","private":true}"#,
            token: "sesame")
        let mine = try await scene.spacesync("list")
        #expect(mine.status == 0, "\(mine)")
        #expect(
            mine.out.split(separator: "\n").map { $0.prefix { $0 != " " } } == ["me/b", "me/demo", "lab/x"])
        try scene.folder.write("home/.config/spacesync/config", "[account \"ann\"]\n\ttoken = env:ANNS\n")
        let both = try await scene.spacesync(
            "ls", "-q", changing: ["HF_USERNAMES": "me, lab", "ANNS": "sesame"])
        #expect(both.out == "me/b\nme/demo\nlab/x\nann/hers\n", "\(both)")
        let json = try await scene.spacesync("list", "lab", "--json")
        #expect((json.events[0]["hub"] as? [String: Any])?["sdk"] as? String == "static", "\(json)")
        let failing = try await scene.spacesync(
            "list", changing: ["HF_USERNAMES": "me", "ANNS": "hf_expired_x"])
        #expect(failing.status == 5 && failing.out.contains("me/demo"), "\(failing)")
        #expect(failing.err.contains("warning: ann: "))
    }

    @Test func `logs end when no more lines arrive or the reader closes the pipe`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(pushed.status == 0, "\(pushed)")
        let build = try await scene.spacesync("logs", "me/demo", "--build")
        let lines = build.out.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(build.status == 0 && lines[0].contains("Build Queued"), "\(build)")
        let tail = try await scene.spacesync("logs", "me/demo", "--build", "-n", "2")
        #expect(tail.out == lines.suffix(2).joined(separator: "\n") + "\n", "\(tail)")
        let run = try await scene.spacesync("logs", "me/demo", "--json")
        #expect(
            run.events("log").count == run.events.count && run.events[0]["stream"] as? String == "run",
            "\(run)")
        let piped = try await bash(
            "set -o pipefail; '\(Binary.path)' logs me/demo --build | head -1", in: scene)
        #expect(piped.status == 0 && piped.out.split(separator: "\n").count == 1, "\(piped)")
        #expect(piped.err.isEmpty)
        let hidden = try await scene.spacesync("logs", "me/demo", changing: ["HF_TOKEN": nil])
        #expect(hidden.status == 5, "\(hidden)")
    }

    private func bash(_ line: String, in scene: Scene) async throws -> Finished {
        try await run(
            "/bin/bash", ["-c", line], environment: scene.environment, directory: scene.folder.url)
    }

    @Test func `a followed log continues after a restart without repeated lines`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(pushed.status == 0, "\(pushed)")
        let following = try scene.start("logs", "me/demo", "-f")
        #expect(await following.says("Application Startup"))
        try await scene.hub.fault(#"{"path":"/logs/run","status":502}"#)
        _ = try await scene.hub.api("POST", "/spaces/me/demo/restart")
        let isBack = await eventually {
            following.out.components(separatedBy: "Application Startup").count == 3
        }
        #expect(isBack, "\(following.out)")
        following.send(SIGINT)
        let end = await following.end()
        #expect(end.status == 130, "\(end)")
        let startups = end.out.split(separator: "\n").filter { $0.contains("Startup") }
        #expect(startups.count == 2, "\(end)")
    }

    @Test func `metrics prints one line per sample, and ends after the requested number`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace("one")
        try await scene.makeSpace("two")
        try await scene.makeSpace("page", sdk: "static")
        let lines = try await scene.spacesync("metrics", "me/one", "me/two", "-n", "2")
        #expect(lines.status == 0, "\(lines)")
        #expect(lines.out.split(separator: "\n").filter { $0.hasPrefix("me/one  CPU 0.5 %") }.count == 1)
        #expect(lines.out.split(separator: "\n").count == 4)
        let json = try await scene.spacesync("metrics", "me/one", "-n", "1", "--json")
        #expect(json.events[0]["memory_total_bytes"] as? Int == 17_179_869_184, "\(json)")
        #expect((json.events[0]["hub"] as? [String: Any])?["gpus"] != nil)
        let stale = try await scene.spacesync("metrics", "me/page", "me/one", "-n", "1")
        #expect(stale.status == 6 && stale.err.contains("me/page has no running app"), "\(stale)")
        #expect(stale.out.hasPrefix("me/one"))
    }
}
