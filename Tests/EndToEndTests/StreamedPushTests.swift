import Foundation
import TestSupport
import Testing

/// Pushes that are too large for memory: the pack is built while it is sent.
struct StreamedPushTests {
    /// A source of about 5 MB, 2.7 MB of them when packed.
    private func large(_ scene: Scene) async throws -> Repository {
        var files = Scene.files
        for number in 0..<40 { files["data/\(number).txt"] = String.hardText(8_000, UInt64(number + 1)) }
        return try await scene.source(files)
    }

    @Test(.timeLimit(.minutes(30)))
    func `everything arrives, and a later push sends only changes`() async throws {
        let scene = try await Scene()
        let source = try await large(scene)
        // There is no temporary directory, so no file can be written.
        let nowhere = ["TMPDIR": scene.folder.path + "/none"]
        let first = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", in: source.url, changing: nowhere)
        #expect(first.status == 0, "\(first)")
        let sent = try await scene.hub.asked().filter { $0.path.hasSuffix("git-receive-pack") }
        #expect(sent.count == 1 && sent[0].request_bytes > 2 << 20, "\(sent)")
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.git("rev-parse", "HEAD:data") == source.git("rev-parse", "HEAD:data"))
        try await scene.hub.forget()
        try await source.commit(["data/7.txt": "short now\n"], "Change")
        let next = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(next.status == 0, "\(next)")
        let asked = try await scene.hub.asked().filter(\.isGit)
        #expect(asked.count == 2 && asked.map(\.request_bytes).reduce(0, +) < 5_000, "\(asked)")
    }

    @Test(.timeLimit(.minutes(30)), arguments: [#""cut_body":700000"#, #""status":503"#, #""drop":true"#])
    func `a broken connection changes nothing, and the next push sends everything again`(_ fault: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await large(scene)
        try await scene.makeSpace()
        try await scene.hub.fault(#"{"method":"POST","path":"git-receive-pack",\#(fault)}"#)
        let push = ["push", "me/demo", "--no-wait"]
        let first = try await scene.spacesync(push, in: source.url)
        // A push that arrived before its response was lost is recognised as accepted.
        #expect(first.status == (fault.contains("drop") ? 0 : 75), "\(first)")
        let second = try await scene.spacesync(push, in: source.url)
        #expect(second.status == 0, "\(second)")
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.git("rev-parse", "HEAD:data") == source.git("rev-parse", "HEAD:data"))
    }
}
