import Foundation
import TestSupport
import Testing

/// Resumed uploads: objects that the Hub confirmed are not sent again.
@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct LFSResumeTests {
    private let small = Data.noise(1000, 6), large = Data.noise(4_000_000, 7)

    @Test(arguments: [SIGKILL, SIGINT])
    func `a run that ends during an upload is completed by the next run`(signal: Int32) async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["small.bin": small, "large.bin": large])
        try await scene.makeSpace()
        let (head, oid) = (try await scene.headOfSpace(), try await source.oid(of: "large.bin"))
        try await scene.hub.fault(#"{"method":"PUT","path":"\#(oid)","slow_body":200000}"#)
        let broken = try scene.start("push", "me/demo", "--no-wait", in: source.url)
        #expect(
            try await eventually {
                let isConfirmed = try await scene.asked().verifies.contains { $0.status == 200 }
                return (isConfirmed && !scene.leftovers().isEmpty) || !broken.isRunning
            })
        broken.send(signal)
        let ended = await broken.end()
        #expect(ended.status == (signal == SIGKILL ? 137 : 130), "\(ended)")
        #expect(try await scene.headOfSpace() == head)
        #expect(try !scene.objects().contains(oid))
        try await scene.clearFaults()
        try await scene.hub.forget()
        let next = try await scene.push(source)
        #expect(next.status == 0, "\(next)")
        // The Hub may notice the interrupted request late.
        let puts = try await scene.asked().puts.filter { $0.status == 200 }
        #expect(puts.count == 1 && puts.allSatisfy { $0.path.contains(oid) }, "\(puts)")
        let clone = try await scene.lfsClone()
        #expect(try clone.bytes("small.bin") == small && clone.bytes("large.bin") == large)
    }

    @Test
    func `if the Space changes during the upload, the push is planned again, and nothing is sent twice`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["small.bin": small, "large.bin": large])
        try await scene.makeSpace()
        let clone = try await scene.clone("me/demo")
        // Holds the push after the upload until the faults are cleared.
        try await scene.hub.fault(
            #"{"path":"lfs/verify","status":503,"headers":{"Retry-After":"1"},"times":-1}"#)
        let pushing = try scene.start(
            "push", "me/demo", "--no-wait", "--drift", "overwrite", "-v", in: source.url,
            changing: ["SPACESYNC_RETRIES": "30"])
        #expect(try await eventually { try await scene.asked().verifies.count > 1 || !pushing.isRunning })
        try await clone.publish(["by-hand.txt": "moved\n"], "Move")
        try await scene.clearFaults()
        let pushed = await pushing.end()
        #expect(pushed.status == 0 && pushed.err.contains("has new commits"), "\(pushed)")
        let asked = try await scene.asked()
        #expect(asked.puts.count == 2, "each once: \(asked)")
        let after = try await scene.lfsClone(as: "after")
        #expect(try after.bytes("large.bin") == large && after.bytes("small.bin") == small)
        #expect(try await after.git("log", "--format=%s", "-2").contains("Move"), "its commit is kept")
    }

    @Test(.timeLimit(.minutes(30)))
    func `two thousand images are one push, and the next push sends none`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        var images: [String: Data] = [:]
        for number in 0..<2000 {
            images["images/\(number % 20)/\(number).png"] = .noise(400, UInt64(number) + 10)
        }
        try await source.commit(bytes: images)
        let pushed = try await scene.push(source, "--json")
        #expect(pushed.status == 0, "\(pushed.err)")
        #expect(pushed.events("uploaded").count == 2000)
        #expect(pushed.events("planned").last?["lfs"] as? Int == 2000)
        let asked = try await scene.asked()
        #expect(asked.batches.count == 8 && asked.puts.count == 2000 && asked.verifies.count == 2000)
        #expect(asked.all.filter { $0.method == "POST" && $0.path.hasSuffix("receive-pack") }.count == 1)
        #expect(try scene.objects().count == 2000)
        let clone = try await scene.clone("me/demo")
        #expect(
            try clone.text(".gitattributes").split(separator: "\n").filter { $0.contains(".png") }.count == 1)
        try await scene.hub.forget()
        let again = try await scene.push(source)
        #expect(again.err.contains("nothing to change"), "\(again)")
        #expect(try await scene.asked().any.isEmpty)
    }
}
