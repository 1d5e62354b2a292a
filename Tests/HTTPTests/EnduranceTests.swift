import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Tests of many exchanges, in sequence and concurrent. Each test runs in a child process.
@Suite struct EnduranceTests {
    @Test func `a thousand exchanges leak neither descriptors nor memory`() async throws {
        let output = try await ChildTest.output(of: "makes a thousand exchanges").split(separator: " ")
        #expect(try #require(Int(output[0])) <= 2, "\(output)")
        #expect(try #require(Int(output[1])) < 4 << 20, "\(output)")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `makes a thousand exchanges`() async throws {
        let server = try ScriptedServer(
            [
                .request, answer("200 OK", [], "kept"), .request,
                answer("200 OK", ["Connection: close"], "closed"),
            ])
        var options = HTTPClientOptions()
        options.retries = 0
        let client = HTTPClient(options)
        func round(_ count: Int) async throws {
            for index in 0..<count {
                let body = index % 3 == 0 ? HTTPClientRequest.Body.bytes(Data(count: 1000)) : .none
                _ = try await client.send(
                    HTTPClientRequest("PUT", server.url(), body: body, isRepeatable: true))
                if index % 10 == 0 { _ = try? await client.stream(HTTPClientRequest("GET", server.url())) }
            }
        }
        func descriptors() -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
        }
        try await round(200)
        try await Task.sleep(for: .milliseconds(200))
        let (files, memory) = (descriptors(), Memory.resident)
        try await round(1000)
        try await Task.sleep(for: .milliseconds(200))
        ChildTest.answer("\(descriptors() - files) \(Memory.resident - memory)")
    }

    @Test func `200 idle streams take no processor time`() async throws {
        let output = try await ChildTest.output(of: "holds 200 idle streams").split(separator: " ")
        #expect(output[0] == "200")
        #expect(try #require(Double(output[1])) < 0.1, "\(output)")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `holds 200 idle streams`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        let server = try ScriptedServer([.request, .send(head), .hang])
        var options = HTTPClientOptions()
        options.connectionsPerHost = 200
        let client = HTTPClient(options)
        let streams = try await withThrowingTaskGroup(of: StreamedResponse.self) { group in
            for _ in 0..<200 {
                group.addTask { try await client.stream(HTTPClientRequest("GET", server.url())) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        var receivedCount = 0
        for stream in streams {
            var pieces = stream.chunks.makeAsyncIterator()
            if try await pieces.next() == Data("hello".utf8) { receivedCount += 1 }
        }
        let before = ProcessorTime.used
        try await Task.sleep(for: .seconds(2))
        ChildTest.answer("\(receivedCount) \(ProcessorTime.used - before)")
        withExtendedLifetime(streams) {}
    }
}
