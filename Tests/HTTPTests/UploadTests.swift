import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct UploadTests {
    @Test func `a stream of known length is sent with Content-Length and not chunked`() async throws {
        let server = try ScriptedServer([.request, answer("200 OK")])
        let body = Data(repeating: UInt8(ascii: "A"), count: 100_000)
        let meter = TrafficCounter()
        let request = HTTPClientRequest(
            "PUT", server.url("/part"), headers: ["Content-Type": "x/y"],
            body: .stream(length: 100_000, open: { DataReader(body) }))
        #expect(try await HTTPClient().send(request, meter: meter).status == 200)
        let parts = server.connections[0].components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        #expect(lines[0] == "PUT /part HTTP/1.1")
        #expect(lines.filter { $0.lowercased().hasPrefix("content-length") } == ["Content-Length: 100000"])
        #expect(!lines.contains { $0.lowercased().hasPrefix("transfer-encoding") })
        #expect(!lines.contains { $0.lowercased().hasPrefix("expect") })
        #expect(parts[1].allSatisfy { $0 == "A" })
        #expect(meter.bytesSent == 100_000)
    }

    @Test func `a stream is opened again for each attempt`() async throws {
        let server = try ScriptedServer([.request, answer("503 Busy")], [.request, answer("200 OK")])
        var options = HTTPClientOptions()
        options.clock = EagerClock()
        let body = Data("payload".utf8)
        let request = HTTPClientRequest(
            "PUT", server.url(), body: .stream(length: 7, open: { DataReader(body) }),
            isRepeatable: true)
        #expect(try await HTTPClient(options).send(request).status == 200)
        #expect(server.connections.allSatisfy { $0.hasSuffix("\r\n\r\npayload") })
    }

    @Test func `a stream that can't be opened is an error`() async throws {
        let request = HTTPClientRequest(
            "PUT", ScriptedServer.nowhere, body: .stream(length: 7, open: { throw POSIXError(.ENOENT) }))
        let failure = await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(request) }
        guard case .broken = failure else { throw failure ?? .cancelled }
    }

    @Test(arguments: ["401 Unauthorized", "403 Forbidden", "413 Too Large", "500 Oops"])
    func `a refusal during an upload is returned as the response`(_ status: String) async throws {
        let challenge = ["WWW-Authenticate: Basic realm=\"x\""]
        let server = try ScriptedServer([.head, answer(status, challenge, "No."), .hang])
        let request = HTTPClientRequest("PUT", server.url(), body: .bytes(Data(count: 20_000_000)))
        // Sending the complete body would end in a timeout at the idle limit.
        let response = try await HTTPClient().send(request)
        #expect(response.text == "No.")
    }

    @Test func `a refusal without Content-Length during an upload is returned after a second`() async throws {
        let head = "HTTP/1.1 403 Forbidden\r\n\r\nNo."
        let server = try ScriptedServer([.head, .send(head), .hang])
        let request = HTTPClientRequest("PUT", server.url(), body: .bytes(Data(count: 20_000_000)))
        let response = try await HTTPClient().send(request)
        #expect((response.status, response.text) == (403, "No."))
    }

    /// The test runs in a child process, because the memory of other tests would be counted too.
    @Test func `a large upload does not accumulate in memory`() async throws {
        let bytes = try await ChildTest.output(of: "measures the memory of a large upload")
        #expect(try #require(Int(bytes)) < 60 << 20)
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `measures the memory of a large upload`() async throws {
        let size = 200 << 20
        let server = try ScriptedServer([.request, answer("200 OK")])
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("upload-\(UUID())")
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: file) }
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: UInt64(size))
        try handle.close()
        let before = Memory.resident
        let request = HTTPClientRequest(
            "PUT", server.url(),
            body: .stream(length: Int64(size), open: { try FileReader(file.path) }))
        let meter = TrafficCounter()
        #expect(try await HTTPClient().send(request, meter: meter).status == 200)
        #expect(meter.bytesSent == size)
        ChildTest.answer("\(Memory.peak - before)")
    }
}

extension ScriptedServer {
    static var nowhere: URL { URL(string: "http://127.0.0.1:1/") ?? URL(fileURLWithPath: "/") }
}

/// The memory of this process in bytes, from `/proc/self/status` (proc(5)).
enum Memory {
    static var resident: Int { field("VmRSS:") }
    static var peak: Int { field("VmHWM:") }

    private static func field(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) << 10
    }
}
