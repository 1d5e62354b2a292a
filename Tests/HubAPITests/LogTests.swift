import Foundation
import HTTP
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

@Suite struct LogTests {
    private static let head = ScriptedServer.Step.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")

    private static func event(_ text: String, _ end: String = "\n\n") -> ScriptedServer.Step {
        .send("data: {\"data\":\"\(text)\\n\",\"timestamp\":\"2026-01-01T00:00:00Z\"}\(end)")
    }

    private func chunked(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    @Test func `lines come without their end, in order, with their time`() async throws {
        let scene = try Scene(
            [
                .request, Self.head, .send(": keep-alive\n\ndata: \n\n"), Self.event("one"),
                Self.event("zwö", "\r\n\r\n"),
            ])
        let lines = Lines()
        try await scene.space.follow(.build) { lines.add($0) }
        #expect(lines.texts == ["one", "zwö"])
        #expect(lines.all.first?.timestamp == "2026-01-01T00:00:00Z")
        #expect(
            scene.server.connections.last?.hasPrefix("GET /api/spaces/me/app/logs/build HTTP/1.1") == true)
    }

    @Test func `a stream that breaks is taken up behind the lines already seen`() async throws {
        let broken = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        func piece(_ text: String) -> ScriptedServer.Step {
            .send(chunked("data: {\"data\":\"\(text)\\n\"}\n\n"))
        }
        let scene = try Scene(
            [.request, broken, piece("a"), piece("b"), .close],
            [.request, broken, piece("a"), piece("b"), piece("c"), .send("0\r\n\r\n")])
        let lines = Lines()
        try await scene.space.follow(.run) { lines.add($0) }
        #expect(lines.texts == ["a", "b", "c"])
    }

    @Test func `a log that begins differently is another build's, and told from its start`() async throws {
        let broken = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        func piece(_ text: String) -> ScriptedServer.Step {
            .send(chunked("data: {\"data\":\"\(text)\\n\"}\n\n"))
        }
        let scene = try Scene(
            [.request, broken, piece("old"), piece("x"), .close],
            [.request, broken, piece("new"), piece("y"), .send("0\r\n\r\n")])
        let lines = Lines()
        try await scene.space.follow(.build) { lines.add($0) }
        #expect(lines.texts == ["old", "x", "new", "y"])
    }

    @Test func `the stored lines end where the stream falls silent`() async throws {
        let scene = try Scene(
            [.request, Self.head, Self.event("one"), Self.event("two"), Self.event("three"), .hang])
        #expect(try await scene.space.fetchStoredLines(.run, tail: 2).map(\.text) == ["two", "three"])
    }

    @Test func `without a token the log is not even asked for`() async throws {
        let scene = try Scene(token: nil, [.hang])
        let failure = try await scene.failure { try await scene.space.follow(.build) { _ in } }
        #expect(failure.kind == .permissionDenied)
        #expect(scene.server.connections.isEmpty)
    }

    @Test func `a refused log is told in the Hub's words`() async throws {
        let scene = try Scene([.request, json("{\"error\":\"no\"}", "403 Forbidden")])
        let failure = try await scene.failure { try await scene.space.follow(.build) { _ in } }
        #expect((failure.kind, failure.details) == (.permissionDenied, ["no"]))
    }

    @Test func `a log that breaks again and again is given up`() async throws {
        let scene = try Scene([.request, .reset])
        let failure = try await scene.failure { try await scene.space.follow(.build) { _ in } }
        #expect(failure.kind == .tryLater)
    }

    @Test func `following ends with its task`() async throws {
        let scene = try Scene([.request, Self.head, Self.event("one"), .hang])
        let lines = Lines()
        let task = Task { [space = scene.space] in try await space.follow(.build) { lines.add($0) } }
        #expect(await eventually { lines.texts == ["one"] })
        task.cancel()
        await #expect(throws: DeployError.self) { try await task.value }
        #expect(await eventually { scene.server.ended == 1 })
    }

    @Test func `events are cut as they should be, whatever pieces they come in`() {
        let text = "event: log\ndata: {\"a\":\"ä\"}\r\n\r\n: x\ndata:{}\n\ndata: {"
        let bytes = Array(text.utf8)
        for size in [1, 2, 3, 7, 100] {
            var events = ServerSentEvents()
            let values = stride(from: 0, to: bytes.count, by: size).flatMap {
                events.consume(Data(bytes[$0..<min($0 + size, bytes.count)]))
            }
            #expect(values.map { String(decoding: $0, as: UTF8.self) } == ["{\"a\":\"ä\"}", "{}"])
        }
    }

    @Test func `an event of several lines is several lines`() {
        let lines = LogLine.lines(of: Data("{\"data\":\"a\\n\\nb\\r\\n\"}".utf8))
        #expect(lines.map(\.text) == ["a", "", "b"])
        #expect(LogLine.lines(of: Data("{\"data\":\"\\n\"}".utf8)).map(\.text) == [""])
        #expect(LogLine.lines(of: Data("{\"other\":1}".utf8)).isEmpty)
    }

    @Test func `a log goes on behind the end of its stream, without a line twice`() async throws {
        let scene = try Scene(
            [.request, Self.head, Self.event("one")],
            [.request, Self.head, Self.event("one"), Self.event("two")],
            [.request, Self.head, Self.event("another start"), Self.event("two")],
            [.request, json("{\"error\":\"gone\"}", "404 Not Found")])
        let lines = Lines()
        let failure = try await scene.failure {
            try await scene.space.followContinuously(.run) { lines.add($0) }
        }
        #expect(lines.texts == ["one", "two", "another start", "two"])
        #expect(failure.kind == .refused)
    }

    @Test func `what is stored ends with silence, and a break on the way repeats nothing`() async throws {
        let cut = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        let scene = try Scene(
            [.request, cut, .send(chunked("data: {\"data\":\"one\\n\"}\n\n")), .close],
            [
                .request, Self.head, .send("data: {\"data\":\"one\\n\"}\n\n"), Self.event("two"), .hang,
            ])
        let lines = Lines()
        try await scene.space.replay(.run, tail: 7) { lines.add($0) }
        #expect(lines.texts == ["one", "two"])
        #expect(scene.server.connections.last?.contains("/logs/run?tail=7 ") == true)
    }
}
