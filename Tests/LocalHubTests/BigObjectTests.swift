import Foundation
import TestSupport
import Testing

@testable import LocalHub

/// Long: part of the whole check (`SPACESYNC_FULL`) alone.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SPACESYNC_FULL"] != nil && Peer("curl").path != nil))
struct BigObjectTests {
    @Test func `an object of a gigabyte goes through in little memory`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let file = hub.folder.url.appendingPathComponent("zeros")
            #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
            let handle = try FileHandle(forWritingTo: file)
            try handle.truncate(atOffset: 1 << 30)
            try handle.close()
            // SHA-256 of 2^30 zero bytes.
            let oid = "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14"
            let reply = try await hub.ask(
                "POST", "/spaces/me/demo.git/info/lfs/objects/batch",
                ["operation": "upload", "objects": [["oid": .string(oid), "size": .int(1 << 30)]]])
            let href = reply.json["objects"].array?.first?["actions"]["upload"]["href"].string ?? ""
            let start = ContinuousClock.now
            let sent = try await run(
                Peer("curl").found(), ["-sS", "-f", "-H", "Expect:", "-T", file.path, href],
                environment: ["PATH": "/usr/bin:/bin"])
            #expect(sent.status == 0, "\(sent)")
            print("1 GiB in", ContinuousClock.now - start, "peak", try peak())
            #expect(try peak() < 400 << 20)
        }
    }

    /// Bytes.
    private func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
}
