import Foundation
import TestSupport
import Testing

@testable import LocalHub

struct FirstPushTests {
    @Test func `a new Space contains a README and the Hub's .gitattributes, and has no app`() async throws {
        try await Rehearsal.run { hub in
            let created = try await hub.create("demo")
            #expect(created.status == 200)
            #expect(created.json["name"] == "me/demo")
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/runtime").json["stage"] == "NO_APP_FILE")
            try await hub.clone("me/demo")
            let listed = try await hub.git("ls-tree", "HEAD", in: "work").out
            #expect(listed.contains("a6344aac8c09253b3b630fb776ae94478aa0275b\t.gitattributes"))
            #expect(listed.contains("README.md"))
            let again = try await hub.create("demo")
            #expect(again.status == 409)
            #expect(again.json["error"] == "You already created this space repo")
        }
    }

    @Test func `a pushed Dockerfile is built and runs, and its app responds`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            let pushed = try await hub.push(["Dockerfile": "FROM scratch\nCOPY . /app\nCMD [\"x\"]\n"])
            #expect(pushed.status == 0, "\(pushed)")
            let head = try await hub.head()
            let runtime = try await hub.waitFor("RUNNING", of: "me/demo", sha: head)
            #expect(runtime["domains"].array?.first?["stage"] == "READY")
            let app = try await hub.ask("GET", "/", token: "", host: "me-demo.localhost")
            #expect(app.text.contains(head))
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            let push = requests.first { $0["path"] == "/spaces/me/demo/git-receive-pack" }
            #expect((push?["request_bytes"].int ?? 0) > 100)
            #expect(push?["authorization"] == "Basic")
            #expect(!requests.map(\.text).joined().contains("hf_me"))
        }
    }
}
