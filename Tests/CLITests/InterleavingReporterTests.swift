import Deploy
import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import Reporting
@testable import SpacesModel

/// Tests for the output of parallel deploys, one target after the other.
struct InterleavingReporterTests {
    /// An `InterleavingReporter` that writes to a file.
    private final class Stage: Sendable {
        let scratch: TestDirectory
        let reporter: InterleavingReporter
        private let lines: CommandHints
        private let file: FileHandle

        init(_ spaces: [SpaceID], isInOrder: Bool = false, patience: Duration = .seconds(3600)) throws {
            scratch = try TestDirectory()
            file = try FileHandle(forWritingTo: try scratch.write("said", Data()))
            let terminal = Terminal(descriptor: file.fileDescriptor)
            lines = CommandHints(try Arguments([], flags: []))
            reporter = InterleavingReporter(
                TextReporter(out: terminal, err: terminal, color: false, verbosity: .normal),
                patience: patience)
            reporter.send(.begin(RunDescription(spaces: spaces, isInOrder: isInOrder)))
        }

        deinit { try? file.close() }

        func printDetail(_ text: String, of space: SpaceID) {
            reporter.send(.event(.detail(text), space, lines))
        }

        func log(_ text: String, of space: SpaceID) {
            reporter.send(.event(.log(.build, LogLine(text: text)), space, lines))
        }

        func end(_ space: SpaceID, failing message: String? = nil) {
            var report = DeployResult(space, .deployed)
            report.appURL = "http://\(space.name)"
            if let message { report = DeployResult(space, failure: DeployError(.failed, message)) }
            reporter.send(.result(TargetResult(report, RunStatistics(endpoint: ""))))
        }

        /// The lines printed so far, without the markers of their kind.
        var printedLines: [String] {
            let text = (try? scratch.read("said")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return text.split(separator: "\n").map { line in
                let content = line.trimmingPrefix("-----> ").trimmingPrefix("=====>").trimmingCharacters(
                    in: .whitespaces)
                return content.contains("deployed") ? "\(content.prefix(4)) ends" : content
            }
        }
    }

    private func spaces(_ names: String...) throws -> [SpaceID] {
        try names.map { try #require(SpaceID(owner: "me", name: $0)) }
    }

    @Test func `the first target prints live, the others when it is their turn`() throws {
        let (a, b, c) = try { ($0[0], $0[1], $0[2]) }(spaces("a", "b", "c"))
        let stage = try Stage([a, b, c])
        stage.printDetail("b1", of: b)
        stage.printDetail("a1", of: a)
        stage.printDetail("c1", of: c)
        stage.end(c)
        stage.printDetail("a2", of: a)
        #expect(stage.printedLines == ["me/a", "a1", "a2"])
        stage.end(a)
        #expect(stage.printedLines.dropFirst(3) == ["me/a ends", "me/b", "b1"])
        stage.printDetail("b2", of: b)
        stage.end(b)
        #expect(stage.printedLines.dropFirst(6) == ["b2", "me/b ends", "me/c", "c1", "me/c ends"])
        stage.reporter.send(.end)
        #expect(stage.printedLines.suffix(3) == ["http://a", "http://b", "http://c"])
    }

    @Test func `finished targets are printed if the current target exceeds the patience`() async throws {
        let (a, b, c) = try { ($0[0], $0[1], $0[2]) }(spaces("a", "b", "c"))
        let stage = try Stage([a, b, c], patience: .milliseconds(20))
        stage.printDetail("a1", of: a)
        stage.printDetail("b1", of: b)
        stage.printDetail("c1", of: c)
        stage.end(c, failing: "lost")
        #expect(await eventually { stage.printedLines.contains("error: lost") })
        #expect(stage.printedLines == ["me/a", "a1", "me/c", "c1", "error: lost"])
        stage.printDetail("a2", of: a)
        stage.end(a)
        stage.end(b)
        #expect(stage.printedLines.dropFirst(5) == ["me/a", "a2", "me/a ends", "me/b", "b1", "me/b ends"])
        stage.reporter.send(.end)
        #expect(stage.printedLines.suffix(2) == ["http://a", "http://b"])
    }

    @Test func `results on standard output are always printed in order`() throws {
        let (a, b) = try { ($0[0], $0[1]) }(spaces("a", "b"))
        let stage = try Stage([a, b], isInOrder: true, patience: .zero)
        stage.end(b)
        #expect(stage.printedLines == [])
        stage.end(a)
        #expect(stage.printedLines == ["me/a", "me/a ends", "me/b", "me/b ends"])
    }

    @Test func `nothing is printed during a prompt`() throws {
        let (a, b, c) = try { ($0[0], $0[1], $0[2]) }(spaces("a", "b", "c"))
        let stage = try Stage([a, b, c], patience: .zero)
        stage.printDetail("a1", of: a)
        stage.printDetail("b1", of: b)
        stage.reporter.send(.promptBegin(b))
        #expect(stage.printedLines == ["me/a", "a1", "me/b", "b1"])
        stage.printDetail("a2", of: a)
        stage.end(a)
        stage.end(c)
        #expect(stage.printedLines.count == 4)
        stage.reporter.send(.promptEnd)
        #expect(stage.printedLines.dropFirst(4).prefix(3) == ["me/a", "a2", "me/a ends"])
        #expect(stage.printedLines.dropFirst(7) == ["me/c", "me/c ends"])
        stage.printDetail("b2", of: b)
        #expect(stage.printedLines.suffix(2) == ["me/b", "b2"])
    }

    @Test func `the end of a long log is printed, with the number of omitted lines`() throws {
        let (a, b) = try { ($0[0], $0[1]) }(spaces("a", "b"))
        let stage = try Stage([a, b])
        stage.printDetail("b1", of: b)
        for number in 1...5000 { stage.log("line \(number)", of: b) }
        stage.printDetail("b2", of: b)
        stage.end(a)
        let printedLines = stage.printedLines.drop { $0 != "b1" }
        #expect(printedLines.count == 2 + BufferedOutput.maxLogLines + 1)
        #expect(printedLines.dropFirst().first == "… 4800 earlier log lines omitted (--json shows all)")
        #expect(printedLines.suffix(2) == ["build | line 5000", "b2"])
    }

    @Test func `a run of one Space prints live`() throws {
        let a = try spaces("a")[0]
        let stage = try Stage([a])
        stage.printDetail("a1", of: a)
        stage.end(a)
        #expect(stage.printedLines == ["me/a", "a1", "me/a ends"])
    }
}
