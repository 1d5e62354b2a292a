import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Runs for many Spaces of one owner use one request for a list, with the same results as separate requests.
struct SpaceListTests {
    /// Deploys this number of Spaces of one source.
    private func deployed(_ scene: Scene, _ count: Int = 9) async throws -> Fleet {
        let source = try await Fleet.source(scene, "one", build: #"{"seconds":0}"#)
        var fleet = Fleet(scene)
        for number in 1...count { fleet.add("me/t\(number)", from: source) }
        let first = try await fleet.run("mirror")
        try #require(first.status == 0, "\(first)")
        try await scene.hub.forget()
        return fleet
    }

    private func lists(_ asked: [HubProcess.Asked]) -> Int { asked.count { $0.path == "/api/spaces" } }

    @Test(.timeLimit(.minutes(30)))
    func `200 targets of 20 sources with nothing to do take at most 30 requests`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace("source0")
        let work = try await scene.clone("me/source0", as: "work")
        var fleet = Fleet(scene)
        for number in 0..<20 {
            if number > 0 { try await scene.makeSpace("source\(number)") }
            try await work.commit(
                Scene.files.merging([".hub.json": #"{"build":{"seconds":0}}"#, "n": "\(number)"]) { $1 },
                "Number \(number)")
            let url = scene.hub.url + "/spaces/me/source\(number)"
            let remote = url.replacing("http://", with: "http://u:\(Scene.token)@")
            try await work.git("push", "-q", "--force", remote, "HEAD:main")
        }
        for number in 0..<200 {
            fleet.add("me/t\(number)", from: scene.hub.url + "/spaces/me/source\(number % 20)")
        }
        // `push`, because a mirror pass would exceed the limit of commits per hour.
        let first = try await fleet.run("push", jobs: 8)
        try #require(first.status == 0, "\(first.err.suffix(2000))")
        _ = try await fleet.run("mirror")
        for command in [["mirror"], ["push", "-q"]] {
            try await scene.hub.forget()
            let idle = try await scene.spacesync(command + fleet.words())
            #expect(idle.status == 0 && idle.err.isEmpty, "\(idle.err.suffix(2000))")
            let asked = try await scene.hub.asked()
            #expect(asked.count <= 30 && lists(asked) == 1, "\(asked.count) requests")
            #expect(asked.allSatisfy { $0.method == "GET" || $0.path.hasSuffix("git-upload-pack") })
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `a Space that is not running, or was renamed, is reported as without the list`() async throws {
        let scene = try await Scene()
        let fleet = try await deployed(scene)
        try await scene.set("RUNTIME_ERROR", of: "me/t2", error: "Exit code: 1. Reason: boom")
        try await scene.set("PAUSED", of: "me/t3")
        _ = try await scene.hub.api(
            "POST", "/repos/move", #"{"fromRepo":"me/t4","toRepo":"me/other","type":"space"}"#)
        let run = try await fleet.run("mirror", "--json")
        #expect(run.status == 7, "\(run)")
        let outcomes = Dictionary(
            run.events("result").map { ($0["space"] as? String ?? "", $0["outcome"] as? String ?? "") }
        ) { $1 }
        #expect(outcomes["me/t2"] == "failed" && outcomes["me/t4"] == "unchanged", "\(outcomes)")
        #expect(outcomes["me/t1"] == "unchanged" && outcomes["me/t9"] == "unchanged", "\(outcomes)")
        #expect(run.events("result").contains { $0["stage"] as? String == "PAUSED" }, "\(run.out)")
        let asked = try await scene.hub.asked()
        #expect(lists(asked) == 1)
        // Only Spaces with incomplete information in the list are requested by name.
        #expect(!asked.contains { $0.path.contains("/me/t1") || $0.path.contains("/me/t9") }, "\(asked)")
    }

    @Test(
        .timeLimit(.minutes(30)),
        arguments: [
            #""status":404,"body":{"error":"Sorry"}"#, #""status":400,"body":{"error":"bad expand"}"#,
            #""status":200,"body":"[]""#, #""status":200,"body":"<html>""#,
            #""status":200,"body":[{"id":"me/t1"},{"id":"me/t2","runtime":{"stage":"RUNNING"}},{"id":7}]"#,
        ])
    func `if the Hub's list is incomplete or missing, each Space is requested`(_ answer: String) async throws
    {
        let scene = try await Scene()
        let fleet = try await deployed(scene)
        try await scene.set("PAUSED", of: "me/t2")
        try await scene.hub.fault(#"{"path":"/api/spaces?author",\#(answer),"times":-1}"#)
        let run = try await fleet.run("mirror", "--json")
        #expect(run.status == 0 && run.events("result").count == 9, "\(run)")
        #expect(run.events("result").contains { $0["stage"] as? String == "PAUSED" }, "\(run.out)")
        #expect(lists(try await scene.hub.asked()) == 1)
    }

    @Test(.timeLimit(.minutes(30)))
    func `an outdated list only makes the push of the changed Space fail`() async throws {
        let scene = try await Scene()
        let fleet = try await deployed(scene)
        let list = try await scene.hub.api("GET", "/spaces?author=me&limit=1000")
        let old = String(decoding: list.body, as: UTF8.self)
        let clone = try await scene.clone("me/t5")
        try await clone.publish(["by-hand.txt": "here\n"])
        try await Repository(url: scene.folder.url.appending(path: "one"), home: clone.home)
            .commit(["app.py": "print(5)\n"], "Change")
        try await scene.hub.fault(#"{"path":"/api/spaces?author","status":200,"body":\#(old),"times":-1}"#)
        let run = try await fleet.run("mirror", "--no-wait", "--json")
        let results = run.events("result")
        #expect(run.status == 9 && results.count { $0["outcome"] as? String == "pushed" } == 8, "\(run)")
        #expect(try await scene.count(ofCommitsOn: "me/t5") == 3)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a few Spaces, or one with its own token, are requested by name`() async throws {
        let other = try await Scene()
        let few = try await deployed(other, 3)
        #expect(try await few.run("mirror").status == 0)
        #expect(lists(try await other.hub.asked()) == 0)
        let scene = try await Scene()
        let fleet = try await deployed(scene)
        let home = scene.folder.url.appending(path: "home/.config/spacesync")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try Data("[account \"me/t1\"]\n\ttoken = env:HF_TOKEN\n".utf8)
            .write(to: home.appending(path: "config"))
        let run = try await fleet.run("mirror")
        #expect(run.status == 0, "\(run)")
        let asked = try await scene.hub.asked()
        #expect(lists(asked) == 1 && asked.contains { $0.path == "/api/spaces/me/t1" }, "\(asked)")
    }
}
