import Foundation
import HTTP
import TestSupport
import Testing

/// Local Hubs at the machine's limits, and several Hubs at once.
struct HubLimitTests {
    /// Opens more idle connections than the Hub serves with 512 descriptors (48, with ten
    /// descriptors each), then closes them and sends a request.
    private static let client = """
        import socket, sys
        port = int(sys.argv[1])
        idle = []
        for _ in range(100):
            s = socket.create_connection(("127.0.0.1", port), 60)
            s.sendall(b"GET /api/spaces HTTP/1.1\\r\\nHost: localhost\\r\\n")
            idle.append(s)
        for s in idle: s.close()
        s = socket.create_connection(("127.0.0.1", port), 120)
        s.sendall(b"GET /_hub/requests HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        data = b""
        while True:
            piece = s.recv(65536)
            if not piece: break
            data += piece
        print(data.split(b"\\r\\n")[0].decode())
        """

    @Test func `a Hub with few descriptors queues connections and works normally afterwards`() async throws {
        let folder = try TestDirectory()
        // A separate child process: it inherits no descriptors of the test process, and
        // Foundation's own socket stays open.
        let script = """
            import resource, signal, subprocess, sys
            limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512))
            hub = subprocess.Popen(sys.argv[1:], preexec_fn=limit)
            signal.signal(signal.SIGTERM, lambda *_: hub.terminate())
            signal.pthread_sigmask(signal.SIG_SETMASK, [])  # a thread of Dispatch passes its blocked signals on
            sys.exit(hub.wait())
            """
        let hub = try LiveRun.start(
            try Peer("python3").found(), ["-c", script, Binary.path, "hub", "--root", folder.path + "/hub"],
            environment: Scene.plain.merging(["HOME": folder.path]) { $1 }, directory: folder.url)
        #expect(await hub.says("http://127.0.0.1:"), "\(hub.err)")
        let port = hub.out.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ":").last ?? ""
        let asked = try await run(
            try Peer("python3").found(), ["-c", Self.client, String(port)], environment: Scene.plain)
        #expect(asked.out == "HTTP/1.1 200 OK\n", "\(asked)")
        #expect(hub.isRunning)
        hub.send(SIGTERM)
        _ = await hub.end()
    }

    @Test func `two Hubs on one machine share no locks and no mirror state`() async throws {
        let one = try await Scene(), two = try await Scene()
        let source = try await one.source()
        var names: [Set<String>] = []
        let cache = one.folder.path + "/home/.cache/spacesync"
        for endpoint in [one.hub.url, two.hub.url] {
            let pushed = try await one.spacesync(
                "mirror", "me/demo", "--config", try Self.settings(one, source), "--no-wait",
                changing: ["HF_ENDPOINT": endpoint])
            #expect(pushed.status == 0, "\(pushed)")
            let locks = try FileManager.default.contentsOfDirectory(atPath: cache + "/locks")
            let state = try FileManager.default.contentsOfDirectory(atPath: cache)
                .filter { $0.hasPrefix("mirror-") }
            names.append(Set(locks + state))
        }
        #expect(names[0].count == 3 && names[1].count == 6, "\(names)")
    }

    private static func settings(_ scene: Scene, _ source: Repository) throws -> String {
        let text = """
            [space "me/demo"]
            source = \(source.url.path)
            branch = webai2hf:main
            create = true
            """
        return try scene.folder.write("hubs.conf", text).path
    }
}
