import Foundation
import TestSupport
import Testing

/// The Hub behind TLS, with a trusted and an untrusted certificate.
@Suite(
    .enabled(if: Peer.nginx.isWanted, Comment(rawValue: Peer.nginx.word)),
    .enabled(if: Peer.unshare.isWanted, Comment(rawValue: Peer.unshare.word)),
    .enabled(if: Peer.openssl.isWanted, Comment(rawValue: Peer.openssl.word)))
struct TLSTests {
    private func front(_ scene: Scene) async throws -> TLSFront {
        try await TLSFront.start(before: scene.hub.url.replacing("http://", with: ""))
    }

    @Test(.timeLimit(.minutes(30)))
    func `a complete deploy works over TLS with a trusted certificate`() async throws {
        let scene = try await Scene()
        let front = try await front(scene)
        let source = try await scene.source()
        let line = try front.trusted(Binary.path, ["push", "me/demo", "--create", "--json"])
        var environment = scene.environment
        environment["HF_ENDPOINT"] = "https://localhost:\(front.port)"
        let pushed = try await run(
            line.program, line.arguments, environment: environment, directory: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.result("outcome") == "deployed" && pushed.result("stage") == "RUNNING", "\(pushed)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print('hello')\n")
        // A large pack is sent in one request too.
        let noise = (0..<40_000).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }
        try await source.commit(["noise.txt": noise.joined(separator: "\n")], "Noise")
        let large = try await run(
            line.program, line.arguments + ["--no-wait"], environment: environment, directory: source.url)
        #expect(large.status == 0, "\(large)")
    }

    @Test func `the authorities of another distribution are found, where libcurl's own file is missing`()
        async throws
    {
        let scene = try await Scene()
        let front = try await front(scene)
        let source = try await scene.source()
        // As on openSUSE: only this file is below /etc/ssl.
        let script = """
            mkdir "$2" && cp "$1" "$2/ca-bundle.pem" && mount --bind "$2" /etc/ssl && shift 2 && exec "$@"
            """
        var environment = scene.environment
        environment["HF_ENDPOINT"] = "https://localhost:\(front.port)"
        let pushed = try await run(
            try Peer.unshare.found(),
            [
                "-rm", "sh", "-c", script, "sh", front.authority, scene.folder.path + "/ssl", Binary.path,
                "push", "me/demo", "--create", "--no-wait",
            ], environment: environment, directory: source.url)
        #expect(pushed.status == 0, "\(pushed)")
    }

    @Test func `an untrusted certificate gives exit 5 and a clear message, and nothing is sent`()
        async throws
    {
        let scene = try await Scene()
        let front = try await front(scene)
        let source = try await scene.source()
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", in: source.url,
            changing: ["HF_ENDPOINT": "https://localhost:\(front.port)"])
        #expect(pushed.status == 5, "\(pushed)")
        #expect(pushed.err.contains("certificate"), "\(pushed)")
        #expect(pushed.err.contains("localhost:\(front.port)"), "\(pushed)")
        #expect(!pushed.err.contains("trying again"), "no use repeating: \(pushed)")
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test func `a certificate for another name is not trusted`() async throws {
        let scene = try await Scene()
        let front = try await front(scene)
        let source = try await scene.source()
        let line = try front.trusted(Binary.path, ["push", "me/demo", "--create"])
        var environment = scene.environment
        environment["HF_ENDPOINT"] = "https://127.0.0.2:\(front.port)"
        let pushed = try await run(
            line.program, line.arguments, environment: environment, directory: source.url)
        #expect(pushed.status == 5, "\(pushed)")
        #expect(try await scene.hub.asked().isEmpty)
    }
}
