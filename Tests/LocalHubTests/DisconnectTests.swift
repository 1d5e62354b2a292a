import Foundation
import TestSupport
import Testing

@testable import LocalHub

struct DisconnectTests {
    @Test func `a push counts if the client disconnects after sending its pack`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            // The fault ends the connection before the first byte of the response.
            _ = try await hub.ask(
                "POST", "/_hub/faults", ["method": "POST", "path": "git-receive-pack", "after_bytes": 0])
            let pushed = try await hub.push(["Dockerfile": "FROM a\n"])
            #expect(pushed.status != 0)
            let head = try await hub.head()
            try await hub.waitFor("RUNNING", of: "me/demo", sha: head)
            #expect(try await hub.git("push", "-q", "origin", "HEAD:main", in: "work").status == 0)
        }
    }

    @Test func `an incomplete pack changes nothing and does not lock the Space`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            let port = hub.hub.url.port ?? 0
            // The body ends after the commands and the start of a pack, 1,000 bytes short of its
            // `Content-Length`.
            let old = try await hub.head(), new = String(repeating: "1", count: 40)
            let line = "\(old) \(new) refs/heads/main\0 report-status side-band-64k"
            let size = String(line.utf8.count + 5, radix: 16)
            let body =
                String(repeating: "0", count: 4 - size.count) + size + line
                + "\n0000PACK\0\0\0\u{2}\0\0\0\u{3}"
            let credentials = Data("u:hf_me".utf8).base64EncodedString()
            let head = """
                POST /spaces/me/demo/git-receive-pack HTTP/1.1\r\nHost: localhost:\(port)\r\nAuthorization: Basic \
                \(credentials)\r\nContent-Type: application/x-git-receive-pack-request\r\n\
                Content-Length: \(body.utf8.count + 1000)\r\n\r\n
                """
            let script = "exec 3<>/dev/tcp/127.0.0.1/\(port); cat >&3; exec 3>&-"
            let sent = try await run(
                "/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"],
                input: Data((head + body).utf8))
            #expect(sent.status == 0, "\(sent)")
            let pushed = try await hub.push(["a": "b"])
            #expect(pushed.status == 0, "\(pushed)")
            #expect(try await hub.ask("GET", "/api/spaces/me/demo").json["sha"].string == hub.head())
        }
    }
}
