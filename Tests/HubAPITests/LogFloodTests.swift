import Foundation
import HTTP
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

/// Tests for logs made to exhaust memory, disks and terminals.
@Suite struct LogFloodTests {
    private static let head = ScriptedServer.Step.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")

    private func followedLines(_ steps: ScriptedServer.Step...) async throws -> [String] {
        let scene = try Scene([.request, Self.head] + steps)
        let lines = Lines()
        try await scene.space.follow(.build) { lines.add($0) }
        return lines.texts
    }

    private func event(_ text: String) -> String { "data: {\"data\":\"\(text)\\n\"}\n\n" }

    @Test func `a long line is cut after 8 KiB, with the number of omitted bytes`() async throws {
        let long = String(repeating: "x", count: 20_000)
        let lines = try await followedLines(.send(event("a") + event(long) + event("b")))
        try #require(lines.count == 3)
        #expect(lines[1] == String(repeating: "x", count: 8_192) + " … (11808 more bytes of this line)")
        #expect([lines[0], lines[2]] == ["a", "b"])
    }

    @Test(arguments: ["x", "ä", "\\ud83d\\ude80", "\\\\", "\\u001b[0m"])
    func `a line of several megabytes is cut, and the next line is read`(_ piece: String) async throws {
        let long = String(repeating: piece, count: (5 << 20) / piece.utf8.count)
        let lines = try await followedLines(.send(event("a") + event(long) + event("b")))
        try #require(lines.count == 3, "\(lines.map { $0.prefix(100) })")
        #expect([lines[0], lines[2]] == ["a", "b"])
        #expect(lines[1].hasSuffix(" … (this line of the log has more than 1 MiB)"))
        #expect(lines[1].utf8.count > 2_000 && lines[1].utf8.count < 9_000)
    }

    @Test func `a line without an end is reported once and uses bounded memory`() {
        var events = ServerSentEvents()
        let piece = Data(String(repeating: "x", count: 64 << 10).utf8)
        var values = events.consume(Data("data: {\"data\":\"".utf8))
        for _ in 0..<200 { values += events.consume(piece) }
        #expect(values.count == 1)
        #expect(values.first.map { $0.count <= ServerSentEvents.maxLineLength } == true)
        #expect(events.consume(Data("\ndata: {}\n".utf8)) == [Data("{}".utf8)])
    }

    @Test(arguments: ["", "   ", "\\t", "\\r", "\\u001b[0m", "\\u001b[2K\\u001b[1G", "\u{3000}", "\\u0000"])
    func `many blank lines are replaced by their number`(_ blank: String) async throws {
        let flood = String(repeating: event(blank), count: 5_000)
        let lines = try await followedLines(.send(event("a") + flood + event("b")))
        #expect(lines.count == 6)
        #expect(lines.suffix(2) == ["(4997 more blank lines)", "b"])
    }

    @Test func `many blank lines within one event are replaced by their number`() async throws {
        let flood = String(repeating: "\\n", count: 100_000)
        let lines = try await followedLines(.send(event("a\\n" + flood + "b")))
        #expect(lines == ["a", "", "", "", "(99997 more blank lines)", "b"])
    }
}
