import Foundation
import HTTP
import TestSupport
import Testing

/// Local Hubs at the limits of a machine, and beside one another.
struct HubLimitTests {
    /// Opens idle connections, more than the Hub has descriptors, then closes them and asks something.
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

    @Test func `two Hubs on one machine share no lock and no state of passes`() async throws {
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
