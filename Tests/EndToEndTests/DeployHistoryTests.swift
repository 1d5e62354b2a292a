import Foundation
import TestSupport
import Testing

/// `history`: the deploys recorded in the Space's commits.
struct DeployHistoryTests {
    @Test func `deploys are listed newest first, with rollbacks and manual commits`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 2)
        try await scene.watched()
        try await scene.clone("me/demo", as: "hub-side").publish(["hand.txt": "1\n"])
        try #require(try await scene.rollback("--force=drift").status == 0)
        let history = try await scene.spacesync(
            "history", "me/demo", "--json", changing: ["HF_TOKEN": Scene.token])
        #expect(history.status == 0, "\(history)")
        let rows = history.events("history")
        #expect(rows.map { $0["number"] as? Int } == [0, 1, 2])
        #expect(rows.map { $0["release"] as? Int } == [3, 2, 1])
        #expect(rows.prefix(2).map { $0["outcome"] as? String } == ["ran", "rolled_back"])
        #expect(rows.map { $0["edits_upon"] as? Int } == [0, 1, 0])
        #expect(rows[0]["stage"] as? String == "RUNNING")
        let sources = [
            try await source.head("HEAD~1"), try await source.head(), try await source.head("HEAD~1"),
        ]
        #expect(rows.map { $0["source_commit"] as? String } == sources)
        #expect((rows[1]["deployed_by"] as? String)?.hasPrefix("ada@") == true)
        let text = try await scene.spacesync("history", "me/demo")
        #expect(
            text.out.split(separator: "\n").count == 4 && text.out.contains("1 commit not by spacesync"),
            "\(text)")
        let ids = try await scene.spacesync("history", "me/demo", "-q")
        let commits = try await scene.commits()
        #expect(ids.out.split(separator: "\n").map { String($0) } == [commits[0], commits[2], commits[3]])
        #expect(ids.err.isEmpty)
    }

    @Test func `history of a public Space needs no token and two requests`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 2)
        _ = try await scene.hub.api("PUT", "/spaces/me/demo/settings", #"{"private":false}"#)
        try await scene.hub.forget()
        let history = try await scene.spacesync(
            "history", "me/demo", "-n", "1", in: source.url, changing: ["HF_TOKEN": nil])
        #expect(history.status == 0 && history.out.split(separator: "\n").count == 1, "\(history)")
        #expect(history.err.contains("history me/demo -n 5"), "\(history)")
        let asked = try await scene.hub.asked()
        #expect(asked.count == 2 && asked.allSatisfy { $0.authorization == nil && !$0.isGit }, "\(asked)")
    }

    @Test func `deploys below many manual commits are found page by page`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 1)
        let clone = try await scene.clone("me/demo", as: "hub-side")
        for number in 1...120 {
            try await clone.git("commit", "-q", "--allow-empty", "-m", "By hand \(number)")
        }
        try await clone.git("push", "-q", "origin", "HEAD:main")
        let history = try await scene.spacesync("history", "me/demo")
        #expect(history.status == 0 && history.out.contains("120 commits not by spacesync"), "\(history)")
        let back = try await scene.rollback("--to", try #require(try await scene.commits().last), "--no-wait")
        #expect(back.status == 0, "\(back)")
    }

    @Test func `history without deploys, of a missing Space, and with invalid numbers`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        let none = try await scene.spacesync("history", "me/demo")
        #expect(none.status == 0 && none.out.isEmpty && none.err.contains("no deploy"), "\(none)")
        #expect(try await scene.spacesync("history", "me/nothing").status == 6)
        for words in [["history"], ["history", "me/demo", "-n", "0"], ["history", "me/demo", "-n", "x"]] {
            #expect(try await scene.spacesync(words).status == 2)
        }
    }
}
