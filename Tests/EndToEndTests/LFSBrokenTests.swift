import Foundation
import TestSupport
import Testing

/// Interrupted and damaged LFS uploads: nothing is partially deployed, and the next run succeeds.
@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct LFSBrokenTests {
    private static let part = 65_536
    /// Seven parts.
    private let model = Data.noise(6 * part + 99, 5)
    private let parts = ["--part-size", "\(part)"]

    @Test(arguments: [[], ["--part-size", "65536"]])
    func `a damaged object gives exit 4 and never reaches the Space`(flags: [String]) async throws {
        let scene = try await Scene(hub: flags)
        let source = try await scene.pointerSource(["model.bin": model, "other.bin": .noise(500, 9)])
        try await scene.makeSpace()
        let (head, oid) = (try await scene.headOfSpace(), try await source.oid(of: "model.bin"))
        try await damage(source.object(oid), at: Self.part * 2)
        let pushed = try await scene.push(source)
        #expect(pushed.status == 4, "\(pushed)")
        #expect(pushed.err.contains("model.bin: its content is damaged"), "\(pushed)")
        #expect(
            pushed.err.contains("nothing was committed") && pushed.err.contains("git lfs fsck"), "\(pushed)")
        #expect(!pushed.err.contains("trying again"), "no use repeating: \(pushed)")
        #expect(try await scene.headOfSpace() == head)
        #expect(try !scene.objects().contains(oid))
        #expect(try await !scene.asked().writes.contains { $0.path.hasSuffix("receive-pack") })
        try model.write(to: source.object(oid))
        let fixed = try await scene.push(source)
        #expect(fixed.status == 0, "\(fixed)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
    }

    /// Changes one byte. Replaces the file, as git-lfs makes its objects read-only.
    private func damage(_ file: URL, at offset: Int) async throws {
        var bytes = try Data(contentsOf: file)
        bytes[offset] ^= 1
        try FileManager.default.removeItem(at: file)
        try bytes.write(to: file)
    }

    @Test func `of seven parts only the part with a broken connection is sent again`() async throws {
        let scene = try await Scene(hub: parts)
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.hub.fault(#"{"method":"PUT","path":"/parts/00003","cut_body":30000}"#)
        let start = ContinuousClock.now
        let pushed = try await scene.push(source, changing: ["SPACESYNC_IDLE_TIMEOUT": "5m"])
        #expect(pushed.status == 0, "\(pushed)")
        // The wait before a retry is one second.
        #expect(start.duration(to: .now) < .seconds(200), "a cut connection holds nobody up: \(pushed)")
        let (puts, batches) = (try await scene.asked().puts, try await scene.asked().batches)
        let whole = puts.filter { $0.status == 200 }
        #expect(Set(whole.map(\.path)).count == 7 && whole.count == 7, "\(puts)")
        #expect(puts.filter { $0.status != 200 }.allSatisfy { $0.path.hasSuffix("/parts/00003") }, "\(puts)")
        #expect(batches.count == 1)
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
        #expect(scene.leftovers().isEmpty)
    }

    @Test(arguments: [[], ["--part-size", "65536"]])
    func `without retries a broken connection gives exit 75 at once, and the next run succeeds`(
        flags: [String]
    ) async throws {
        let scene = try await Scene(hub: flags)
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.makeSpace()
        let head = try await scene.headOfSpace()
        let faultPath = flags.isEmpty ? "/_lfs/" : "/parts/00003"
        try await scene.hub.fault(#"{"method":"PUT","path":"\#(faultPath)","cut_body":30000}"#)
        let start = ContinuousClock.now
        let pushed = try await scene.push(
            source, changing: ["SPACESYNC_RETRIES": "0", "SPACESYNC_IDLE_TIMEOUT": "5m"])
        #expect(pushed.status == 75, "\(pushed)")
        #expect(start.duration(to: .now) < .seconds(200), "\(pushed)")
        #expect(
            pushed.err.contains("model.bin: ") && pushed.err.contains("nothing was committed"), "\(pushed)")
        #expect(try await scene.headOfSpace() == head && scene.objects().isEmpty)
        try await scene.clearFaults()
        let next = try await scene.push(source)
        #expect(next.status == 0, "\(next)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
    }

    @Test(arguments: [
        (
            #"{"method":"PUT","path":"/_lfs/","status":403,"body":"<Error><Code>AccessDenied</Code></Error>"}"#,
            []
        ),
        (#"{"method":"PUT","path":"/parts/00005","status":403}"#, ["--part-size", "65536"]),
        (#"{"method":"POST","path":"/complete","status":404}"#, ["--part-size", "65536"]),
        (#"{"method":"PUT","path":"/_lfs/","delay_ms":10500}"#, ["--link-lifetime", "10s"]),
    ])
    func `an expired link is requested again`(fault: String, flags: [String]) async throws {
        let scene = try await Scene(hub: flags)
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.hub.fault(fault)
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        // On a slow machine the second link may expire too.
        #expect(try await (2...3).contains(scene.asked().batches.count))
        // git-lfs rejects links that expire so soon.
        let oid = try await scene.clone("me/demo").oid(of: "model.bin")
        #expect(try scene.bytes(of: oid) == model)
    }

    @Test func `requests with lost responses are retried without side effects`() async throws {
        let scene = try await Scene(hub: parts)
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        for (method, path) in [
            ("POST", "objects/batch"), ("PUT", "/parts/00002"), ("POST", "/complete"), ("POST", "/verify"),
        ] { try await scene.hub.fault(#"{"method":"\#(method)","path":"\#(path)","drop":true}"#) }
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        // After a broken connection, curl sends a head without its body once more (`cannotRewind`).
        let asked = LFSRequests(all: try await scene.hub.asked().filter { $0.status == 200 })
        #expect(
            asked.batches.count == 2 && asked.puts.count == 8 && asked.verifies.count == 2, "\(asked)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
    }
}
