import Deploy
import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import Reporting
@testable import SpacesModel

/// Several stories at once, told one after the other.
struct ChorusTests {
    /// A chorus that writes into a file.
    private final class Stage: Sendable {
        let scratch: TestDirectory
        let chorus: InterleavingReporter
        private let lines: CommandHints
        private let file: FileHandle

        init(_ spaces: [SpaceID], isInOrder: Bool = false, patience: Duration = .seconds(3600)) throws {
            scratch = try TestDirectory()
            file = try FileHandle(forWritingTo: try scratch.write("said", Data()))
            let terminal = Terminal(descriptor: file.fileDescriptor)
            lines = CommandHints(try Arguments([], flags: []))
            chorus = InterleavingReporter(
                TextReporter(out: terminal, err: terminal, color: false, verbosity: .normal),
                patience: patience)
            chorus.beginRun(RunDescription(spaces: spaces, isInOrder: isInOrder))
        }

        deinit { try? file.close() }

        func say(_ text: String, of space: SpaceID) { chorus.report(.detail(text), of: space, lines) }

        func log(_ text: String, of space: SpaceID) {
            chorus.report(.log(.build, LogLine(text: text)), of: space, lines)
        }

        func end(_ space: SpaceID, failing message: String? = nil) {
            var report = DeployResult(space, .deployed)
            report.appURL = "http://\(space.name)"
            if let message { report = DeployResult(space, failure: DeployError(.failed, message)) }
            chorus.report(report, RunStatistics(endpoint: ""))
        }

        /// What was said so far, without the marks of a line's kind.
        var said: [String] {
            let text = (try? scratch.read("said")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return text.split(separator: "\n").map { line in
                let words = line.trimmingPrefix("-----> ").trimmingPrefix("=====>").trimmingCharacters(
                    in: .whitespaces)
                return words.contains("deployed") ? "\(words.prefix(4)) ends" : words
            }
        }
    }

    private func spaces(_ names: String...) throws -> [SpaceID] {
        try names.map { try #require(SpaceID(owner: "me", name: $0)) }
    }

    @Test func `the first speaks as it goes, the others when it is their turn`() throws {
        let (a, b, c) = try { ($0[0], $0[1], $0[2]) }(spaces("a", "b", "c"))
        let stage = try Stage([a, b, c])
        stage.say("b1", of: b)
        stage.say("a1", of: a)
        stage.say("c1", of: c)
        stage.end(c)
        stage.say("a2", of: a)
        #expect(stage.said == ["me/a", "a1", "a2"])
        stage.end(a)
        #expect(stage.said.dropFirst(3) == ["me/a ends", "me/b", "b1"])
        stage.say("b2", of: b)
        stage.end(b)
        #expect(stage.said.dropFirst(6) == ["b2", "me/b ends", "me/c", "c1", "me/c ends"])
        stage.chorus.finish()
        #expect(stage.said.suffix(3) == ["http://a", "http://b", "http://c"])
    }

    @Test func `one that has spoken for long lets those that are done be told`() async throws {
        let (a, b, c) = try { ($0[0], $0[1], $0[2]) }(spaces("a", "b", "c"))
        let stage = try Stage([a, b, c], patience: .milliseconds(20))
        stage.say("a1", of: a)
        stage.say("b1", of: b)
        stage.say("c1", of: c)
        stage.end(c, failing: "lost")
        #expect(await eventually { stage.said.contains("error: lost") })
        #expect(stage.said == ["me/a", "a1", "me/c", "c1", "error: lost"])
        stage.say("a2", of: a)
        stage.end(a)
        stage.end(b)
        #expect(stage.said.dropFirst(5) == ["me/a", "a2", "me/a ends", "me/b", "b1", "me/b ends"])
        stage.chorus.finish()
        #expect(stage.said.suffix(2) == ["http://a", "http://b"])
    }

    @Test func `results that stand on standard output are never told out of order`() throws {
        let (a, b) = try { ($0[0], $0[1]) }(spaces("a", "b"))
        let stage = try Stage([a, b], isInOrder: true, patience: .zero)
        stage.end(b)
        #expect(stage.said == [])
        stage.end(a)
        #expect(stage.said == ["me/a", "me/a ends", "me/b", "me/b ends"])
    }

    @Test func `nothing is said over a question`() throws {
        let (a, b, c) = try { ($0[0], $0[1], $0[2]) }(spaces("a", "b", "c"))
        let stage = try Stage([a, b, c], patience: .zero)
        stage.say("a1", of: a)
        stage.say("b1", of: b)
        stage.chorus.pauseOutput(for: b)
        #expect(stage.said == ["me/a", "a1", "me/b", "b1"])
        stage.say("a2", of: a)
        stage.end(a)
        stage.end(c)
        #expect(stage.said.count == 4)
        stage.chorus.resumeOutput()
        #expect(stage.said.dropFirst(4).prefix(3) == ["me/a", "a2", "me/a ends"])
        #expect(stage.said.dropFirst(7) == ["me/c", "me/c ends"])
        stage.say("b2", of: b)
        #expect(stage.said.suffix(2) == ["me/b", "b2"])
    }

    @Test func `of a long log its end is kept, and how much is not`() throws {
        let (a, b) = try { ($0[0], $0[1]) }(spaces("a", "b"))
        let stage = try Stage([a, b])
        stage.say("b1", of: b)
        for number in 1...5000 { stage.log("line \(number)", of: b) }
        stage.say("b2", of: b)
        stage.end(a)
        let said = stage.said.drop { $0 != "b1" }
        #expect(said.count == 2 + BufferedOutput.maxLogLines + 1)
        #expect(said.dropFirst().first == "… 4800 lines of the log before these (--json shows all)")
        #expect(said.suffix(2) == ["build | line 5000", "b2"])
    }

    @Test func `a run of one Space is told as it goes`() throws {
        let a = try spaces("a")[0]
        let stage = try Stage([a])
        stage.say("a1", of: a)
        stage.end(a)
        #expect(stage.said == ["me/a", "a1", "me/a ends"])
    }
}
