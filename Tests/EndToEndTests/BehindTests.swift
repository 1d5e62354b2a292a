import Foundation
import TestSupport
import Testing

/// The `behind` guard: a push does not revert what another person deployed from the same source.
struct BehindTests {
    /// A colleague's deployed repository, and a clone of it from before the last deploy.
    private func stale(_ scene: Scene) async throws -> (colleague: Repository, stale: Repository) {
        let colleague = try await scene.source()
        let stale = Repository(url: scene.folder.url.appending(path: "stale"), home: colleague.home)
        try await colleague.git("clone", "-q", colleague.url.path, stale.url.path)
        try await colleague.commit(["app.py": "print(2)\n"], "Fix the login")
        try #require(try await scene.push(colleague).status == 0)
        return (colleague, stale)
    }

    private func push(
        _ scene: Scene, _ source: Repository, _ flags: String..., changing: [String: String?] = [:]
    )
        async throws -> Finished
    {
        try await scene.spacesync(
            ["push", "me/demo", "--no-wait"] + flags, in: source.url, changing: changing)
    }

    private func app(_ scene: Scene) async throws -> String {
        try await scene.repository(of: "me/demo").git("show", "main:app.py")
    }

    @Test(arguments: [false, true])
    func `a clone behind the deployed commit is refused, whether it has fetched or not`(isFetched: Bool)
        async throws
    {
        let scene = try await Scene()
        let (_, stale) = try await stale(scene)
        if isFetched { try await stale.git("fetch", "-q") }
        for command in ["plan", "push"] {
            let refused = try await scene.spacesync([command, "me/demo"], in: stale.url)
            #expect(refused.status == 9, "\(refused)")
            #expect(refused.err.contains("has a newer commit of webai2hf"), "\(refused)")
            #expect(
                refused.err.contains("1 commit would be reverted") && refused.err.contains("Fix the login"))
            #expect(refused.err.contains("by ada@") && refused.err.contains("git pull"), "\(refused)")
            #expect(refused.err.contains("--force=behind"), "\(refused)")
        }
        let json = try await push(scene, stale, "--json")
        #expect(json.events("result").last?["guards"] as? [String] == ["behind"], "\(json)")
        #expect(try await push(scene, stale, "--force").status == 9)
        #expect(try await app(scene) == "print(2)")
        let forced = try await push(scene, stale, "--force=behind")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await app(scene) == "print('hello')")
    }

    @Test func `a clone deploys after pulling`() async throws {
        let scene = try await Scene()
        let (_, stale) = try await stale(scene)
        try await stale.git("pull", "-q")
        for number in 3...5 { try await stale.commit(["app.py": "print(\(number))\n"], "Change \(number)") }
        let pushed = try await push(scene, stale)
        #expect(pushed.status == 0 && !pushed.err.contains("would be reverted"), "\(pushed)")
    }

    @Test func `a diverged clone is refused while only its remote has the deployed commit`()
        async throws
    {
        let scene = try await Scene()
        let (_, stale) = try await stale(scene)
        try await stale.commit(["mine.txt": "mine\n"], "Mine")
        let refused = try await push(scene, stale)
        #expect(
            refused.status == 9 && refused.err.contains("has commits that webai2hf does not"), "\(refused)")
    }

    @Test func `without a terminal, diverged branches cause a warning`() async throws {
        let scene = try await Scene()
        let (_, stale) = try await stale(scene)
        try await stale.commit(["mine.txt": "mine\n"], "Mine")
        try await stale.git("fetch", "-q")
        let planned = try await scene.spacesync("plan", "me/demo", in: stale.url)
        #expect(planned.status == 0 && planned.err.contains("Fix the login"), "\(planned)")
        let pushed = try await push(scene, stale)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(
            pushed.err.contains("would be reverted") && pushed.err.contains("Fix the login"), "\(pushed)")
    }

    @Test(arguments: [
        ("n\n", [String](), 9 as Int32), ("y\n", [], 0), ("", ["-y"], 0), ("", ["--force=behind"], 0),
    ])
    func `on a terminal, diverged branches require confirmation`(answer: String, flags: [String], code: Int32)
        async throws
    {
        let scene = try await Scene()
        let (_, stale) = try await stale(scene)
        try await stale.commit(["mine.txt": "mine\n"], "Mine")
        try await stale.git("fetch", "-q")
        let run = try await scene.onTerminal(
            ["push", "me/demo", "--no-wait"] + flags, answering: [answer], in: stale.url)
        #expect(run.status == code, "\(run)")
        #expect(run.out.contains("anyway? [y/N]") == flags.isEmpty, "\(run)")
    }

    @Test func `deploying another branch warns, an explicit tag or commit does not`() async throws {
        let scene = try await Scene()
        let (colleague, _) = try await stale(scene)
        try await colleague.git("tag", "v1", "HEAD~1")
        try await colleague.git("branch", "release", "HEAD~1")
        let other = try await scene.spacesync("plan", "me/demo", "--branch", "release", in: colleague.url)
        #expect(other.status == 0 && other.err.contains("would be reverted"), "\(other)")
        for name in ["v1", try await colleague.head("HEAD~1")] {
            let named = try await scene.spacesync("plan", "me/demo", "--branch", name, in: colleague.url)
            #expect(named.status == 0 && !named.err.contains("would be reverted"), "\(named)")
        }
    }

    @Test func `missing commits that do not affect deployed files cause no warning`() async throws {
        let scene = try await Scene()
        let colleague = try await scene.source()
        let stale = Repository(url: scene.folder.url.appending(path: "stale"), home: colleague.home)
        try await colleague.git("clone", "-q", colleague.url.path, stale.url.path)
        try await colleague.commit(["docs/a.md": "a\n"], "Docs")
        try #require(try await scene.push(colleague, "--exclude", "docs/").status == 0)
        try await stale.git("fetch", "-q")
        let pushed = try await push(scene, stale, "--exclude", "docs/", "-c", "card=emoji: 🦊")
        #expect(pushed.status == 0 && !pushed.err.contains("would be reverted"), "\(pushed)")
    }

    @Test(arguments: [("full", true), ("none", false)])
    func `a deployed commit that is nowhere available is reported in one line`(trace: String, isTold: Bool)
        async throws
    {
        let scene = try await Scene()
        let colleague = try await scene.source()
        try #require(try await scene.push(colleague).status == 0)
        try await colleague.commit(["app.py": "print(2)\n"], "Two")
        try #require(try await scene.push(colleague).status == 0)
        // Rebased away: the deployed commit is on no branch, and the clone does not have it.
        let other = Repository(url: scene.folder.url.appending(path: "other"), home: colleague.home)
        try await colleague.git("reset", "-q", "--hard", "HEAD~1")
        try await colleague.git("clone", "-q", "--no-local", colleague.url.path, other.url.path)
        try await other.git("remote", "remove", "origin")
        try await other.commit(["app.py": "print(3)\n"], "Three")
        let pushed = try await push(scene, other, "-c", "trace=\(trace)")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.err.contains("to compare: git fetch origin") == isTold, "\(pushed)")
    }

    @Test func `a CI job for an older commit is superseded`() async throws {
        let scene = try await Scene()
        let (_, stale) = try await stale(scene)
        for command in ["plan", "push"] {
            let late = try await scene.spacesync(
                command, "me/demo", "--json", in: stale.url, changing: ["CI": "true"])
            #expect(late.status == 0 && late.result("outcome") == "superseded", "\(late)")
        }
        let words = try await push(scene, stale, changing: ["CI": "1"])
        #expect(words.status == 0 && words.err.contains("--force=behind"), "\(words)")
        #expect(try await app(scene) == "print(2)")
        let person = try await push(scene, stale, changing: ["CI": "false"])
        #expect(person.status == 9, "\(person)")
    }

    @Test func `a CI job on a detached HEAD for an older commit is superseded`() async throws {
        let scene = try await Scene()
        let (_, stale) = try await stale(scene)
        try await stale.git("checkout", "-q", "--detach")
        let late = try await push(scene, stale, "--json", changing: ["CI": "true"])
        #expect(late.status == 0 && late.result("outcome") == "superseded", "\(late)")
        #expect(late.result("message")?.contains("newer commit") == true, "\(late)")
        #expect(late.result("hint")?.contains("--force=behind") == true, "\(late)")
    }

    @Test func `the refusal names the run and the actor of a deploy by CI`() async throws {
        let scene = try await Scene()
        let (colleague, stale) = try await stale(scene)
        try await colleague.commit(["app.py": "print(3)\n"], "From CI")
        let job: [String: String?] = [
            "CI": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "me/web",
            "GITHUB_RUN_ID": "42", "GITHUB_ACTOR": "grace[bot]",
        ]
        #expect(try await push(scene, colleague, changing: job).status == 0)
        let refused = try await push(scene, stale)
        #expect(refused.status == 9, "\(refused)")
        #expect(
            refused.err.contains("by https://github.com/me/web/actions/runs/42 (grace[bot])"), "\(refused)")
    }

    @Test func `a shallow clone fetches from its remote the history that it lacks`() async throws {
        let scene = try await Scene()
        let (colleague, _) = try await stale(scene)
        for number in 3...4 {
            try await colleague.commit(["app.py": "print(\(number))\n"], "Change \(number)")
        }
        let shallow = Repository(url: scene.folder.url.appending(path: "shallow"), home: colleague.home)
        try await colleague.git(
            "clone", "-q", "--depth", "1", "file://" + colleague.url.path, shallow.url.path)
        let pushed = try await push(scene, shallow, changing: ["CI": "true"])
        #expect(pushed.status == 0 && !pushed.err.contains("would be reverted"), "\(pushed)")
        #expect(try await app(scene) == "print(4)")
    }
}
