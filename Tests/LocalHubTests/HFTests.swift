import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

/// Tests of the local Hub with the Hub's own client, `hf`, unmodified.
@Suite(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
struct HFTests {
    private func hf(_ hub: Rehearsal, _ arguments: String...) async throws -> Finished {
        let home = hub.folder.url.appendingPathComponent("hfhome").path
        return try await run(
            Peer.hf.found(), arguments,
            environment: [
                "PATH": "/usr/bin:/bin", "HOME": home, "HF_HOME": home + "/hf", "LC_ALL": "C.UTF-8",
                "HF_ENDPOINT": hub.hub.url.absoluteString, "HF_TOKEN": "hf_me",
                "HF_HUB_DISABLE_TELEMETRY": "1",
                // The local Hub supports plain LFS only, not Xet storage.
                "HF_HUB_DISABLE_XET": "1", "NO_COLOR": "1",
            ])
    }

    @Test func `hf creates a Space, uploads to it, and waits until it runs`() async throws {
        try await Rehearsal.run { hub in
            let created = try await hf(
                hub, "repos", "create", "me/demo", "--type", "space", "--space-sdk", "docker")
            #expect(created.status == 0, "\(created)")
            try hub.folder.write("up/Dockerfile", "FROM a\nCOPY . /app\n")
            try hub.folder.write("up/data/model.bin", Data([0, 1, 2, 3]))
            try hub.folder.write("up/picture.png", Data([0x89, 0x50, 0, 9]))
            let folder = hub.folder.url.appendingPathComponent("up").path
            let sent = try await hf(hub, "upload", "me/demo", folder, ".", "--type", "space")
            #expect(sent.status == 0, "\(sent)")
            let waited = try await hf(hub, "spaces", "wait", "me/demo")
            #expect(waited.status == 0, "\(waited)")
            let head = try await hub.ask("GET", "/api/spaces/me/demo").json["sha"].string
            try await hub.waitFor("RUNNING", of: "me/demo", sha: head)
            let tree = try await hub.ask("GET", "/api/spaces/me/demo/tree/main?recursive=1").json.array ?? []
            for path in ["data/model.bin", "picture.png"] {
                #expect(tree.first { $0["path"].string == path }?["lfs"]["size"].int == 4)
            }
            let attributes = try await hub.ask("GET", "/spaces/me/demo/raw/main/.gitattributes").text
            #expect(attributes.contains("picture.png filter=lfs"))
            let logs = try await hf(hub, "spaces", "logs", "me/demo", "--build")
            #expect(logs.out.contains("--> COPY . /app"), "\(logs)")
            let card = try await hf(hub, "spaces", "card", "me/demo")
            #expect(card.out.contains("sdk: docker"), "\(card)")
        }
    }

    @Test func `hf uploads a large file in seven parts and retries one of them`() async throws {
        try await Rehearsal.run {
            $0.partSize = 65_536
        } _: { hub in
            try await hub.create("demo")
            let bytes = Data.sample(6 * 65_536 + 99)
            try hub.folder.write("up/model.bin", bytes)
            try hub.folder.write("up/small.bin", Data([0, 1, 2]))
            let fault: JSON = ["method": "PUT", "path": "/parts/00005", "status": 500, "body": "<Error/>"]
            _ = try await hub.ask("POST", "/_hub/faults", fault)
            let folder = hub.folder.url.appendingPathComponent("up").path
            let sent = try await hf(hub, "upload", "me/demo", folder, ".", "--type", "space")
            #expect(sent.status == 0, "\(sent)")
            let reply = try await hub.ask("GET", "/spaces/me/demo/resolve/main/model.bin")
            #expect(reply.data == bytes)
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            let puts = requests.filter { $0["method"] == "PUT" }
            #expect(puts.count == 9 && puts.allSatisfy { $0["authorization"].isNull })
            #expect(requests.filter { $0["path"].string?.hasSuffix("/complete") ?? false }.count == 2)
            #expect(try hub.leftovers().isEmpty)
        }
    }

    @Test func `hf shows, lists, configures, pauses, restarts and deletes a Space`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": "FROM a\n"])
            try await hub.waitFor("RUNNING", of: "me/demo")
            func ask(_ arguments: String..., says text: String) async throws {
                let home = hub.folder.url.appendingPathComponent("hfhome").path
                let finished = try await run(
                    Peer.hf.found(), arguments,
                    environment: [
                        "PATH": "/usr/bin:/bin", "HOME": home, "HF_HOME": home + "/hf", "LC_ALL": "C.UTF-8",
                        "HF_ENDPOINT": hub.hub.url.absoluteString, "HF_TOKEN": "hf_me", "NO_COLOR": "1",
                    ])
                #expect(finished.status == 0, "\(arguments): \(finished)")
                #expect(text.isEmpty || finished.out.contains(text), "\(arguments): \(finished)")
            }
            try await ask("auth", "whoami", says: "me")
            try await ask("spaces", "info", "me/demo", says: "me/demo")
            try await ask("spaces", "list", "--author", "me", "-q", says: "me/demo")
            try await ask("spaces", "variables", "add", "me/demo", "-e", "A=1", says: "")
            try await ask("spaces", "variables", "ls", "me/demo", says: "A")
            try await ask("spaces", "secrets", "add", "me/demo", "-s", "S=hush", says: "")
            try await ask("spaces", "secrets", "ls", "me/demo", says: "S")
            try await ask("spaces", "pause", "me/demo", says: "")
            try await hub.waitFor("PAUSED", of: "me/demo")
            try await ask("spaces", "restart", "me/demo", says: "")
            try await hub.waitFor("RUNNING", of: "me/demo")
            try await ask("spaces", "hardware", says: "cpu-basic")
            try await ask("repos", "delete", "me/demo", "--type", "space", "--yes", says: "")
            #expect(try await hub.ask("GET", "/api/spaces/me/demo").status == 404)
        }
    }
}
