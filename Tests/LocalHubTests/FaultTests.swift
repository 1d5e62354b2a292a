import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

struct FaultTests {
    @Test func `a fault applies the configured number of times only`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let fault: JSON = [
                "method": "GET", "path": "/runtime", "status": 502, "body": "<html>", "times": 2,
                "headers": ["Content-Type": "text/html"],
            ]
            _ = try await hub.ask("POST", "/_hub/faults", [fault])
            for _ in 0..<2 {
                let reply = try await hub.ask("GET", "/api/spaces/me/demo/runtime")
                #expect(reply.status == 502 && reply.text == "<html>")
            }
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/runtime").status == 200)
            #expect(try await hub.ask("GET", "/_hub/faults").json == [])
        }
    }

    @Test func `a push counts although its response is dropped`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            _ = try await hub.ask("POST", "/_hub/faults", ["path": "POST-no", "drop": true])
            _ = try await hub.ask(
                "POST", "/_hub/faults", ["method": "POST", "path": "git-receive-pack", "drop": true])
            let pushed = try await hub.push(["a": "b"])
            #expect(pushed.status != 0)
            let head = try await hub.head()
            #expect(try await hub.ask("GET", "/api/spaces/me/demo").json["sha"].string == head)
        }
    }

    @Test func `a clone fails if the pack is truncated`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            _ = try await hub.ask(
                "POST", "/_hub/faults", ["path": "git-upload-pack", "skip": 2, "after_bytes": 100])
            #expect(try await hub.git("clone", "-q", hub.remote("me/demo"), "work").status != 0)
        }
    }

    @Test func `a gzipped fetch fails as on the real Hub, unless the option is off`() async throws {
        for isFaithful in [true, false] {
            try await Rehearsal.run({ $0.ignoresGzip = isFaithful }) { hub in
                try await hub.create("demo")
                try await hub.clone("me/demo")
                for index in 0..<40 {
                    _ = try await hub.git("commit", "-q", "--allow-empty", "-m", "\(index)", in: "work")
                    _ = try await hub.git("branch", "b\(index)", in: "work")
                }
                #expect(try await hub.git("push", "-q", "origin", "--all", in: "work").status == 0)
                let cloned = try await hub.git("clone", "-q", hub.remote("me/demo"), "full")
                #expect((cloned.status != 0) == isFaithful, "\(cloned)")
                let shallow = try await hub.git(
                    "clone", "-q", "--depth", "1", "--single-branch", hub.remote("me/demo"), "shallow")
                #expect(shallow.status == 0)
            }
        }
    }

    @Test func `partial fetches are offered, unless the option is off`() async throws {
        for offers in [true, false] {
            try await Rehearsal.run({ $0.offersPartialFetches = offers }) { hub in
                try await hub.create("demo")
                let refs = try await hub.ask("GET", "/spaces/me/demo/info/refs?service=git-upload-pack").text
                #expect(refs.contains(" filter") == offers)
                #expect(refs.contains("allow-reachable-sha1-in-want") == offers)
            }
        }
    }
}
