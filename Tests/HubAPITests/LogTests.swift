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

    @Test func `lines are received in order, without line breaks, with their timestamp`() async throws {
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

    @Test func `an interrupted stream resumes after the lines already seen`() async throws {
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

    @Test func `a log that starts differently is another build's, read from its start`() async throws {
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

    @Test func `the stored lines end when the stream is idle`() async throws {
        let scene = try Scene(
            [.request, Self.head, Self.event("one"), Self.event("two"), Self.event("three"), .hang])
        let lines = Lines()
        try await scene.space.replay(.run) { lines.add($0) }
        #expect(lines.texts == ["one", "two", "three"])
    }

    @Test func `without a token the log is not requested`() async throws {
        let scene = try Scene(token: nil, [.hang])
        let failure = try await scene.failure { try await scene.space.follow(.build) { _ in } }
        #expect(failure.kind == .permissionDenied)
        #expect(scene.server.connections.isEmpty)
    }

    @Test func `a refused log is an error with the Hub's message`() async throws {
        let scene = try Scene([.request, json("{\"error\":\"no\"}", "403 Forbidden")])
        let failure = try await scene.failure { try await scene.space.follow(.build) { _ in } }
        #expect((failure.kind, failure.details) == (.permissionDenied, ["no"]))
    }

    @Test func `a log that is interrupted repeatedly is a temporary error`() async throws {
        let scene = try Scene([.request, .reset])
        let failure = try await scene.failure { try await scene.space.follow(.build) { _ in } }
        #expect(failure.kind == .tryLater)
    }

    @Test func `following a log ends when its task is cancelled`() async throws {
        let scene = try Scene([.request, Self.head, Self.event("one"), .hang])
        let lines = Lines()
        let task = Task { [space = scene.space] in try await space.follow(.build) { lines.add($0) } }
        #expect(await eventually { lines.texts == ["one"] })
        task.cancel()
        await #expect(throws: DeployError.self) { try await task.value }
        #expect(await eventually { scene.server.ended == 1 })
    }

    @Test func `events are parsed, whatever the size of the chunks`() {
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

    @Test func `an event with several lines yields several log lines`() {
        let lines = LogLine.lines(of: Data("{\"data\":\"a\\n\\nb\\r\\n\"}".utf8))
        #expect(lines.map(\.text) == ["a", "", "b"])
        #expect(LogLine.lines(of: Data("{\"data\":\"\\n\"}".utf8)).map(\.text) == [""])
        #expect(LogLine.lines(of: Data("{\"other\":1}".utf8)).isEmpty)
    }

    @Test func `a log continues after the end of its stream, without repeated lines`() async throws {
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

    @Test func `a replay ends when the stream is idle, and an interruption repeats no lines`() async throws {
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
