import Foundation
import Synchronization
import Testing

@testable import HTTPServer

struct BodyTests {
    /// Responds with whether all pieces have 1 to 3 bytes, and with the body.
    private static let portions: Handler = { request in
        var sizes: [Int] = [], body: [UInt8] = []
        while let piece = try await request.body.next(upTo: 3) {
            sizes.append(piece.count)
            body += piece
        }
        return .text("\(sizes.allSatisfy { (1...3).contains($0) }) \(String(decoding: body, as: UTF8.self));")
    }

    @Test func `a body is read in pieces regardless of its framing, and the next request is parsed`()
        async throws
    {
        try await serving(Self.portions) { client, _ in
            let head = "POST / HTTP/1.1\r\nHost: h\r\n"
            try await client.send(head + "Content-Length: 8\r\n\r\nabcde")
            try await client.send("fgh" + head + "Transfer-Encoding: chunked\r\n\r\n5\r\nABC")
            #expect(try await client.read(until: ";").hasSuffix("true abcdefgh;"))
            try await client.send("DE\r\n2")
            try await client.send("\r\nFG\r\n0\r\n\r\n" + head + "Content-Length: 2\r\n\r\nxy")
            let text = try await client.read(until: "xy;")
            #expect(text.contains("true ABCDEFG;") && text.hasSuffix("true xy;"))
        }
    }

    @Test func `1 MB in chunks of different sizes is received completely`() async throws {
        let sum = Mutex(0)
        try await serving { request in
            while let piece = try await request.body.next() { sum.withLock { $0 += piece.count } }
            return .text("done")
        } _: { client, _ in
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            for size in [1, 70_001, 300_007, 629_991] {
                try await client.send(String(size, radix: 16) + "\r\n")
                try await client.send(String(repeating: "x", count: size) + "\r\n")
            }
            try await client.send("0\r\n\r\n")
            #expect(try await client.read(until: "done").contains("200 OK"))
            #expect(sum.withLock { $0 } == 1_000_000)
        }
    }

    @Test func `a handler can close the connection while the client is sending`() async throws {
        let noted = Mutex<[AccessLogEntry]>([])
        var options = Server.Options()
        options.observer = { exchange in noted.withLock { $0.append(exchange) } }
        let server = try Server(Listener(), options) { request in
            try await request.body.discard(upTo: 1000)
            return .hangingUp
        }
        let client = try RawClient(port: server.port)
        try await client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n")
        await #expect(throws: Disconnected.self) {
            for _ in 0..<1000 { try await client.send(String(repeating: "x", count: 100_000)) }
        }
        let text = (try? await client.readAll()) ?? ""
        #expect(text.isEmpty)
        #expect(noted.withLock { $0.map(\.requestBytes) } == [1000])
        await server.stop()
    }

    @Test func `a throttled body has the same bytes and takes longer`() async throws {
        let body = RequestBody([UInt8](repeating: 7, count: 300)).throttled(to: 1000)
        let start = ContinuousClock.now
        #expect(try await body.collect().count == 300)
        #expect(ContinuousClock.now - start > .milliseconds(290))
    }
}

struct OpenFileTests {
    @Test func `a file is written in pieces and read at any offset`() throws {
        let path = NSTemporaryDirectory() + "spacesync-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SystemError.self) { _ = try ServedFile(reading: path) }
        let file = try ServedFile(creating: path)
        try file.append(Array("hello ".utf8))
        try file.append(Array("world".utf8))
        #expect(throws: SystemError.self) { _ = try ServedFile(creating: path) }
        let read = try ServedFile(reading: path)
        #expect(try read.bytes(at: 4, upTo: 4) == Array("o wo".utf8))
        #expect(try read.bytes(at: 11, upTo: 4).isEmpty)
    }
}
