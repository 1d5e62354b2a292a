import Foundation
import TestSupport
import Testing

/// Rejections by the Hub and its storage: reported in their words, with the documented exit code.
@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct LFSRefusalTests {
    private let model = Data.noise(400_000, 5)

    @Test(arguments: [("Request has expired", 75), ("No room", 6)])
    func `a storage that refuses every link is reported with its own message, without a URL`(
        words: String, exit: Int32
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.makeSpace()
        try await scene.hub.fault(
            """
            {"method":"PUT","path":"/_lfs/","status":403,"times":-1,
             "body":"<Error><Code>AccessDenied</Code><Message>\(words)</Message></Error>"}
            """)
        let pushed = try await scene.push(source)
        // Expired links are a temporary failure.
        #expect(pushed.status == exit, "\(pushed)")
        #expect(pushed.err.contains("AccessDenied: \(words)"), "\(pushed)")
        #expect(!pushed.err.contains("signature="), "\(pushed)")
        #expect(try await scene.asked().batches.count == 3)
        #expect(try await !scene.asked().writes.contains { $0.path.hasSuffix("receive-pack") })
    }

    @Test func `a server error of the storage is retried`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.hub.fault(#"{"method":"PUT","path":"/_lfs/","status":500,"body":"oops"}"#)
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0 && pushed.err.contains("status 500"), "\(pushed)")
        #expect(try await scene.asked().puts.map(\.status) == [500, 200])
        #expect(try await scene.asked().batches.count == 1)
    }

    @Test func `a refused batch request ends the push with an explanation`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.makeSpace()
        for (status, code, words) in [
            (401, 5, "rejected the token"), (403, 5, "no permission to write"), (404, 6, "does not exist"),
            (422, 6, "422"), (503, 75, "503"),
        ] as [(Int, Int32, String)] {
            try await scene.clearFaults()
            try await scene.hub.forget()
            try await scene.hub.fault(
                #"{"path":"objects/batch","status":\#(status),"body":{"message":"So it is."},"times":-1}"#)
            let pushed = try await scene.push(source, changing: ["SPACESYNC_RETRIES": "0"])
            #expect(pushed.status == code && pushed.err.contains(words), "\(pushed)")
            let asked = try await scene.asked()
            #expect(asked.batches.count == 1 && asked.writes.isEmpty, "\(asked)")
        }
    }

    @Test func `a busy Hub is retried after the time in Retry-After`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.hub.fault(
            #"{"path":"objects/batch","status":429,"headers":{"Retry-After":"1"},"body":"slowly"}"#)
        let pushed = try await scene.push(source, "--json")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.events("retry").contains { $0["wait_ms"] as? Int == 1000 }, "\(pushed)")
        #expect(try await scene.asked().batches.map(\.status) == [429, 200])
    }

    @Test func `objects that the Hub refuses are listed with their paths`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["one.bin": .noise(10, 1), "two.bin": .noise(20, 2)])
        try await scene.makeSpace()
        let (one, two) = (try await source.oid(of: "one.bin"), try await source.oid(of: "two.bin"))
        let reply = #"""
            {"objects":[{"oid":"\#(one)","size":10,"error":{"code":507,"message":"Storage is full"}},
             {"oid":"\#(two)","size":20,"error":{"code":422,"message":"Not this one"}}]}
            """#
        let body = String(decoding: try JSONEncoder().encode(reply), as: UTF8.self)
        try await scene.hub.fault(#"{"path":"objects/batch","status":200,"body":\#(body)}"#)
        let pushed = try await scene.push(source)
        #expect(pushed.status == 6, "\(pushed)")
        for words in ["one.bin: ", "507 Storage is full", "two.bin: ", "422 Not this one", "2 files"] {
            #expect(pushed.err.contains(words), "\(words): \(pushed)")
        }
        #expect(try await scene.asked().writes.isEmpty)
    }

    @Test func `an upload that is not confirmed is not committed`() async throws {
        let scene = try await Scene(hub: ["--part-size", "64k"])
        let source = try await scene.source()
        try await source.commit(bytes: ["model.bin": model])
        try await scene.makeSpace()
        for (method, path, status, code, words) in [
            ("POST", "/verify", 404, 6, "did not confirm the upload"), ("POST", "/verify", 503, 75, "503"),
            ("PUT", "/parts/00003", 200, 75, "did not confirm a part"),
            ("POST", "/complete", 500, 75, "refused the upload (HTTP status 500)"),
        ] as [(String, String, Int, Int32, String)] {
            try await scene.clearFaults()
            try await scene.hub.fault(
                #"{"method":"\#(method)","path":"\#(path)","status":\#(status),"times":-1}"#)
            try? FileManager.default.removeItem(atPath: scene.folder.path + "/hub/spaces/me/demo.git/lfs")
            let pushed = try await scene.push(source, changing: ["SPACESYNC_RETRIES": "0"])
            #expect(pushed.status == code && pushed.err.contains(words), "\(path) \(status): \(pushed)")
        }
        #expect(try await !scene.asked().writes.contains { $0.path.hasSuffix("receive-pack") })
        try await scene.clearFaults()
        #expect(try await scene.push(source).status == 0)
    }
}
