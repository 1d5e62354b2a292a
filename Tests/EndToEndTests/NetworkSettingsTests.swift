import Foundation
import TestSupport
import Testing

/// Proxies, certificates and rewritten URLs from the environment and Git's configuration, as Git
/// and curl use them.
struct NetworkSettingsTests {
    private func configure(_ scene: Scene, _ settings: [(String, String)]) async throws {
        let repository = Repository(url: scene.folder.url, home: scene.folder.path + "/home")
        // `--global` would not work: for the tests' Git the global file is /dev/null.
        let file = scene.folder.path + "/home/.gitconfig"
        for (key, value) in settings { try await repository.git("config", "--file", file, key, value) }
    }

    private func check(_ name: String, in run: Finished) -> [String: Any]? {
        run.events.first { $0["check"] as? String == name }
    }

    @Test(
        .enabled(if: Peer.nginx.isWanted, Comment(rawValue: Peer.nginx.word)),
        .enabled(if: Peer.openssl.isWanted, Comment(rawValue: Peer.openssl.word)),
        arguments: [
            "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "http.sslCAInfo", "http.URL.sslCAInfo",
        ])
    func `a Hub with a private certificate authority is trusted as in Git and curl`(_ name: String)
        async throws
    {
        let scene = try await Scene()
        try await scene.makeSpace()
        let front = try await TLSFront.start(before: scene.hub.url.replacing("http://", with: ""))
        let endpoint = "https://localhost:\(front.port)"
        var changes: [String: String?] = ["HF_ENDPOINT": endpoint]
        let refused = try await scene.spacesync("status", "me/demo", changing: changes)
        #expect(refused.status == 5, "\(refused)")
        if name.hasPrefix("http.") {
            try await configure(scene, [(name.replacing("URL", with: endpoint + "/"), front.authority)])
        } else {
            changes[name] = front.authority
        }
        let run = try await scene.spacesync("status", "me/demo", changing: changes)
        #expect(run.status == 0, "\(run)")
        let doctor = try await scene.spacesync("doctor", "--json", changing: changes)
        let text = "\(check("certificates", in: doctor)?["message"] ?? "")"
        #expect(
            text.contains(front.authority) && text.contains(name.replacing("URL.", with: "")), "\(doctor)")
    }

    @Test func `unreadable certificate authorities are reported as an error`() async throws {
        let scene = try await Scene()
        let doctor = try await scene.spacesync(
            "doctor", "--json", changing: ["GIT_SSL_CAINFO": "/nonexistent/authorities.pem"])
        #expect(check("certificates", in: doctor)?["verdict"] as? String == "bad", "\(doctor)")
        #expect(doctor.status == 5, "\(doctor)")
    }

    @Test func `the proxy is shown without its credentials, and loopback does not use it`()
        async throws
    {
        let scene = try await Scene()
        let proxy = "http://me:pelican-at-noon@" + "127.0.0.1:1"
        try await configure(scene, [("http.proxy", proxy)])
        let near = try await scene.spacesync("doctor", "--json", changing: ["no_proxy": nil])
        let none = "\(check("proxy", in: near)?["message"] ?? "")"
        #expect(none.hasPrefix("none"), "\(near)")
        let far = try await scene.spacesync(
            "doctor", "--json",
            changing: ["no_proxy": nil, "HF_ENDPOINT": "https://hub.invalid", "SPACESYNC_RETRIES": "0"])
        let text = "\(check("proxy", in: far)?["message"] ?? "")"
        #expect(text == "http://127.0.0.1:1 (http.proxy)", "\(far)")
        #expect(!(far.out + far.err).contains("pelican"), "\(far)")
    }

    @Test func `a source's URL is rewritten by insteadOf`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/source", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        try await configure(scene, [("url.\(scene.hub.url)/spaces/me/.insteadOf", "mine:")])
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", "--source", "mine:source")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print('hello')\n")
    }

    /// A pushed `.spacesync` that is allowed to set a source can use only public addresses.
    @Test(arguments: [
        "https://127.0.0.1:%PORT%/x", "http://localhost:%PORT%/x", "https://10.0.0.1/x",
        "https://[::ffff:10.0.0.1]/x",
        "ssh://git@127.0.0.1/x", "git@localhost:x", "https://169.254.169.254/latest",
    ])
    func `a source from untrusted settings cannot point to a private network address`(_ address: String)
        async throws
    {
        let hook = try await HookScene()
        let inner = try ScriptedServer([.request, answer("200 OK", [], "secret")])
        try await hook.configure([
            "spacesync.allowSpace": "me/demo", "spacesync.trust": "source", "space.create": "true",
        ])
        let source = address.replacing("%PORT%", with: "\(inner.port)")
        try await hook.work.commit(
            [".spacesync": "[space \"me/demo\"]\n\tbranch = webai2hf\n\tsource = \"\(source)\"\n"], "Bind")
        _ = try await hook.push("webai2hf")
        let pushed = try await hook.scene.spacesync(
            "push", "me/demo", in: hook.bare.url)
        #expect(pushed.status == 3, "\(pushed)")
        #expect(pushed.err.contains("is not allowed: "), "\(pushed)")
        #expect(inner.connections.isEmpty)
    }
}
