import Foundation
import TestSupport
import Testing

/// Faulty responses of the Hub (HTML, truncated packs, nothing): the run ends with a message and
/// its documented exit code, and the next run succeeds.
struct FaultTests {
    @Test(arguments: [
        (
            #"{"path":"info/refs","status":200,"headers":{"Content-Type":"text/html"},"body":"<html><h1>Log in</h1></html>","times":9}"#,
            75
        ),
        (#"{"path":"info/refs","status":502,"body":"<html>bad gateway</html>","times":9}"#, 75),
        (#"{"path":"info/refs","after_bytes":20,"times":9}"#, 75),
        (#"{"path":"git-upload-pack","after_bytes":60,"times":9}"#, 75),
        (#"{"path":"git-upload-pack","status":200,"body":"","times":9}"#, 75),
        (#"{"path":"git-receive-pack","method":"POST","status":503,"body":"busy","times":9}"#, 75),
        (#"{"path":"info/refs","status":403,"body":"Forbidden by policy","times":9}"#, 5),
        (#"{"path":"info/refs","status":200,"body":"nonsense","times":9}"#, 6),
    ])
    func `a fault ends with a message, and the next run succeeds`(fault: String, code: Int32) async throws {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        try await scene.hub.fault(fault)
        let faulty = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(faulty.status == code, "\(faulty)")
        #expect(faulty.err.contains("error: "))
        #expect(!faulty.err.contains("<h"), "no page is dumped: \(faulty)")
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        let next = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(next.status == 0, "\(next)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print(2)\n")
    }

    @Test func `a push whose response is lost is recognised as accepted`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try await source.commit(["app.py": "print(3)\n"], "Change")
        try await scene.hub.fault(#"{"path":"git-receive-pack","method":"POST","drop":true,"times":1}"#)
        let pushed = try await scene.spacesync("push", "me/demo", "--no-wait", "--json", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.out.contains(#""outcome":"pushed""#))
        #expect(try await scene.clone("me/demo").text("app.py") == "print(3)\n")
    }

    @Test func `a Space that exists but stays hidden is not pushed to after an attempt to create it`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        for path in ["me/demo/info/refs", "me/demo/git-upload-pack"] {
            try await scene.hub.fault(
                #"{"path":"\#(path)","status":404,"body":"Repository not found","times":99}"#)
        }
        try await source.commit(["app.py": "print(3)\n"], "Change")
        let hidden = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", in: source.url,
            changing: ["XDG_CACHE_HOME": scene.folder.path + "/empty-cache"])
        #expect(hidden.status == 6, "\(hidden)")
        #expect(!hidden.err.contains("Pushing to") && !hidden.err.contains("Uploading"), "\(hidden)")
    }

    @Test func `an unreachable address is a temporary failure`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let finished = try await scene.spacesync(
            "push", "me/demo", in: source.url,
            changing: ["HF_ENDPOINT": "http://127.0.0.1:1", "SPACESYNC_RETRIES": "0"])
        #expect(finished.status == 75, "\(finished)")
        #expect(finished.err.contains("127.0.0.1"))
    }

    @Test(arguments: ["plan", "push"])
    func `a web server that is not a Hub is distinguished from a missing Space`(command: String) async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let page = "HTTP/1.0 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html>File not found</html>"
        let post = "HTTP/1.0 501 Unsupported\r\nContent-Type: text/html\r\n\r\n<html>POST?</html>"
        // A plan starts with a POST; a push sends two GETs concurrently, in either order.
        let first = command == "plan" ? post : page
        let server = try ScriptedServer([.request, .send(first), .close], [.request, .send(page), .close])
        let finished = try await scene.spacesync(
            command, "me/demo", in: source.url, changing: ["HF_ENDPOINT": server.url("").absoluteString])
        #expect(finished.status == 6 && finished.err.contains("is not a Hugging Face Hub"), "\(finished)")
        #expect(finished.err.contains("HF_ENDPOINT") && !finished.err.contains("--create"), "\(finished)")
    }

    @Test func `a token is sent unencrypted only to loopback`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let finished = try await scene.spacesync(
            "push", "me/demo", in: source.url, changing: ["HF_ENDPOINT": "http://hub.example.com"])
        #expect(finished.status == 3, "\(finished)")
        #expect(finished.err.contains("sent unencrypted"))
    }

    /// An https endpoint that is really http: the handshake fails at once, without retrying until a timeout.
    @Test(.timeLimit(.minutes(30))) func `https to an http server fails at once`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let start = ContinuousClock.now
        let finished = try await scene.spacesync(
            "plan", "me/demo", in: source.url,
            changing: [
                "HF_ENDPOINT": scene.hub.url.replacing("http://", with: "https://"),
                "SPACESYNC_RETRIES": "0", "SPACESYNC_IDLE_TIMEOUT": "5m",
            ])
        #expect(finished.status == 75 && finished.err.contains("does not use https"), "\(finished)")
        #expect(start.duration(to: .now) < .seconds(200), "\(finished)")
    }
}
