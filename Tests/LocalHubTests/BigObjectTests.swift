import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

/// Slow tests of 1 GiB objects, which run with `SPACESYNC_FULL` only.
@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["SPACESYNC_FULL"] != nil && Peer("curl").path != nil),
    .serialized)
struct BigObjectTests {
    // The SHA-256 of 2^30 zero bytes.
    private let oid = "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14"
    private let size = 1 << 30

    @Test func `a 1 GiB object is uploaded and downloaded with little memory`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let file = try zeros(size, hub)
            let up = try await batch("upload", by: "basic", hub)["upload"]["href"].string ?? ""
            try await timed("up") { try await curl(["-T", file.path, up]) }
            let down = try await batch("download", by: "basic", hub)["download"]["href"].string ?? ""
            try await timed("down") { try await curl(["-o", hub.folder.path + "/back", down]) }
            let same = try await run("/usr/bin/cmp", [file.path, hub.folder.path + "/back"])
            #expect(same.status == 0, "\(same)")
        }
    }

    @Test func `a 1 GiB object in sixteen parts is assembled with little memory`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let part = try zeros(size / 16, hub),
                upload = try await batch("upload", by: "multipart", hub)["upload"]
            let links = (1...16).map { upload["header"][MultipartUpload.name(of: $0)].string ?? "" }
            try await timed("parts") { for link in links { try await curl(["-T", part.path, link]) } }
            let folder = hub.folder.path + "/root/spaces/me/demo.git/lfs/incoming"
            let etags = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
                .compactMap { $0.split(separator: ".").dropFirst().first }
            let parts = etags.enumerated().map { index, etag -> JSON in
                ["partNumber": .int(index + 1), "etag": "\"\(String(etag))\""]
            }
            let body: JSON = ["oid": .string(oid), "parts": .array(parts)]
            try await timed("joined") {
                let reply = try await hub.follow("POST", upload["href"], Data(body.text.utf8))
                #expect(reply.status == 200, "\(reply.text)")
            }
        }
    }

    private func batch(_ operation: String, by transfer: String, _ hub: Rehearsal) async throws -> JSON {
        let reply = try await hub.ask(
            "POST", "/spaces/me/demo.git/info/lfs/objects/batch",
            [
                "operation": .string(operation), "transfers": [.string(transfer)],
                "objects": [["oid": .string(oid), "size": .int(size)]],
            ])
        return reply.json["objects"].array?.first?["actions"] ?? .null
    }

    private func zeros(_ count: Int, _ hub: Rehearsal) throws -> URL {
        let file = try hub.folder.write("zeros", "")
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: UInt64(count))
        try handle.close()
        return file
    }

    private func curl(_ arguments: [String]) async throws {
        let sent = try await run(
            Peer("curl").found(), ["-sS", "-f", "-H", "Expect:"] + arguments,
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(sent.status == 0, "\(sent)")
    }

    private func timed(_ word: String, _ work: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        try await work()
        print("1 GiB", word, "in", ContinuousClock.now - start, "peak", try peak())
        #expect(try peak() < 400 << 20)
    }

    /// Returns the peak memory of this process, in bytes.
    private func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
}
