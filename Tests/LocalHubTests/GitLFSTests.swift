import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct GitLFSTests {
    @Test func `git-lfs pushes an object, and a new clone has its bytes`() async throws {
        _ = try Peer.gitLFS.found()
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            _ = try await hub.git("lfs", "install", "--skip-repo")
            try await hub.clone("me/demo")
            var bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            bytes.append(contentsOf: [0, 1, 2])
            try hub.folder.write("work/model.bin", bytes)
            let pushed = try await hub.push(["Dockerfile": "FROM a\n"])
            #expect(pushed.status == 0, "\(pushed)")
            #expect(!pushed.err.contains("hf_me"))
            let cloned = try await hub.git("clone", "-q", hub.remote("me/demo"), "again")
            #expect(cloned.status == 0, "\(cloned)")
            #expect(try hub.folder.read("again/model.bin") == bytes)
            let tree = try await hub.ask("GET", "/api/spaces/me/demo/tree/main").json.array ?? []
            #expect(tree.first { $0["path"] == "model.bin" }?["lfs"]["size"].int == bytes.count)
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            #expect(
                requests.contains {
                    $0["path"] == "/spaces/me/demo.git/info/lfs/verify" && $0["status"] == 200
                })
            #expect(requests.contains { $0["method"] == "PUT" && $0["request_bytes"].int == bytes.count })
        }
    }

    @Test func `git-lfs without a multipart agent sends a large object in one request`() async throws {
        try await Rehearsal.run {
            $0.partSize = 1000
        } _: { hub in
            let bytes = try await pushed(Data.sample(5000), hub) { _ in }
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            #expect(
                requests.filter { $0["method"] == "PUT" }.map { $0["request_bytes"].int } == [bytes.count])
        }
    }

    @Test func `git-lfs rejects wrong and incomplete downloads`() async throws {
        try await Rehearsal.run { hub in
            for setting in ["maxretries", "maxretrydelay"] {
                _ = try await hub.git("config", "--global", "lfs.transfer.\(setting)", "1")
            }
            _ = try await pushed(Data.sample(200_000), hub) { _ in }
            let faults: [JSON] = [["status": 200, "body": "wrong"], ["after_bytes": 1000]]
            for (index, fault) in faults.enumerated() {
                var fault = fault
                fault["path"] = "/_lfs/"
                fault["times"] = -1
                _ = try await hub.ask("POST", "/_hub/faults", fault)
                let cloned = try await hub.git("clone", "-q", hub.remote("me/demo"), "bad\(index)")
                #expect(cloned.status != 0)
                _ = try await hub.ask("DELETE", "/_hub/faults")
            }
        }
    }

    @Test func `git-lfs retries if the connection breaks during an upload`() async throws {
        try await Rehearsal.run { hub in
            _ = try await hub.ask(
                "POST", "/_hub/faults", ["path": "/_lfs/", "method": "PUT", "cut_body": 1000])
            _ = try await pushed(Data.sample(2_000_000), hub) { _ in }
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            #expect(
                requests.filter { $0["method"] == "PUT" }.map { $0["request_bytes"].int }
                    == [1000, 2_000_000])
        }
    }

    @Test(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
    func `git-lfs with the agent of hf pushes a large object in seven parts and a small one in one`()
        async throws
    {
        let agent = try Peer.hf.found()
        try await Rehearsal.run {
            $0.partSize = 65_536
        } _: { hub in
            let bytes = try await pushed(Data.sample(6 * 65_536 + 99), hub) { hub in
                for (key, value) in [("path", agent), ("args", "lfs-multipart-upload")] {
                    _ = try await hub.git("config", "lfs.customtransfer.multipart.\(key)", value, in: "work")
                }
                try hub.folder.write("work/small.bin", Data.sample(300, seed: 3))
            }
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            let puts = requests.filter { $0["method"] == "PUT" }
            #expect(
                puts.count == 8
                    && puts.compactMap { $0["request_bytes"].int }.reduce(0, +) == bytes.count + 300)
            #expect(puts.allSatisfy { $0["authorization"].isNull && $0["status"] == 200 })
            #expect(try hub.leftovers().isEmpty)
        }
    }

    /// Pushes an object to a new Space with git-lfs, expects its bytes in a new clone, and returns them.
    private func pushed(
        _ bytes: Data, _ hub: Rehearsal, _ prepare: (Rehearsal) async throws -> Void
    ) async throws -> Data {
        _ = try Peer.gitLFS.found()
        try await hub.create("demo")
        _ = try await hub.git("lfs", "install", "--skip-repo")
        try await hub.clone("me/demo")
        try await prepare(hub)
        try hub.folder.write("work/model.bin", bytes)
        let pushed = try await hub.push(["Dockerfile": "FROM a\n"])
        #expect(pushed.status == 0, "\(pushed)")
        let cloned = try await hub.git("clone", "-q", hub.remote("me/demo"), "fresh")
        #expect(cloned.status == 0, "\(cloned)")
        #expect(try hub.folder.read("fresh/model.bin") == bytes)
        return bytes
    }
}
