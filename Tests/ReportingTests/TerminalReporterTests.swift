import Foundation
import Synchronization
import Testing

@testable import Deploy
@testable import Reporting
@testable import SpacesModel

/// Parallel targets on a terminal: one live line, and the output of each target when it is done.
struct TerminalReporterTests {
    private struct Lines: CommandCompleting {
        func complete(_ text: String, of space: SpaceID?) -> String { text }
    }

    /// A reporter that writes to a file, which has no width.
    private final class Stage: Sendable {
        let reporter: TerminalReporter
        private let path = FileManager.default.temporaryDirectory.path + "/screen-\(UUID().uuidString)"
        private let file: FileHandle
        let time = Mutex(ContinuousClock.now)

        init(_ spaces: [SpaceID], isInOrder: Bool = false) throws {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            file = try #require(FileHandle(forWritingAtPath: path))
            let terminal = Terminal(descriptor: file.fileDescriptor)
            let start = ContinuousClock.now
            reporter = TerminalReporter(
                out: terminal, err: terminal, color: false, isVerbose: false, now: { start })
            reporter.send(.begin(RunDescription(spaces: spaces, isInOrder: isInOrder)))
        }

        deinit {
            try? file.close()
            try? FileManager.default.removeItem(atPath: path)
        }

        func send(_ event: Event, of space: SpaceID) { reporter.send(.event(event, space, Lines())) }

        func end(_ space: SpaceID, failing message: String? = nil) {
            var result = DeployResult(space, .unchanged)
            result.appURL = "http://\(space.name)"
            if let message { result = DeployResult(space, failure: DeployError(.failed, message)) }
            reporter.send(.result(TargetResult(result, RunStatistics(endpoint: "http://hub"))))
        }

        var printed: [String] {
            (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").map(String.init)
                ?? []
        }
    }

    private func spaces(_ names: String...) throws -> [SpaceID] {
        try names.map { try #require(SpaceID(owner: "me", name: $0)) }
    }

    @Test func `a target is printed when it is done, under its own heading`() throws {
        let all = try spaces("a", "b")
        let stage = try Stage(all)
        stage.send(.detail("a1"), of: all[0])
        stage.send(.detail("b1"), of: all[1])
        #expect(stage.printed == [])
        stage.end(all[1], failing: "lost")
        #expect(stage.printed == ["me/b", "  b1", "error: lost"])
        stage.send(.detail("a2"), of: all[0])
        stage.end(all[0])
        #expect(stage.printed.dropFirst(3).prefix(3) == ["me/a", "  a1", "  a2"])
        stage.reporter.send(.end)
        #expect(stage.printed.suffix(2) == ["✗ 1 unchanged; 1 failed, with exit code: me/b (7)", "http://a"])
    }

    @Test func `one live line shows what is done and what all others do`() throws {
        let all = try spaces("a", "b", "c")
        let stage = try Stage(all)
        stage.send(.stage(.building), of: all[0])
        stage.send(.uploading(TransferProgress(files: 1, filesDone: 0, size: 100, sent: 40)), of: all[1])
        stage.end(all[2])
        let text = stage.reporter.activityText(at: .now)
        #expect(
            text == "1 of 3 done  me/a building  0 s · me/b uploading  40 %  40 B of 100 B", "\(text ?? "")")
        stage.end(all[0])
        stage.end(all[1])
        #expect(stage.reporter.activityText(at: .now) == nil)
    }

    @Test func `results on standard output keep the order of the targets`() throws {
        let all = try spaces("a", "b")
        let stage = try Stage(all, isInOrder: true)
        stage.send(.detail("b1"), of: all[1])
        stage.end(all[1])
        #expect(stage.printed == [])
        stage.send(.detail("a1"), of: all[0])
        stage.end(all[0])
        #expect(stage.printed.filter { $0.hasPrefix("me/") } == ["me/a", "me/b"])
    }

    @Test func `nothing of another target is printed during a prompt`() throws {
        let all = try spaces("a", "b")
        let stage = try Stage(all)
        stage.send(.detail("a1"), of: all[0])
        stage.reporter.send(.promptBegin(all[0]))
        #expect(stage.printed == ["me/a", "  a1"])
        stage.end(all[1])
        #expect(stage.printed.count == 2 && stage.reporter.activityText(at: .now) == nil)
        stage.reporter.send(.promptEnd)
        #expect(stage.printed.dropFirst(2).first == "me/b")
        stage.end(all[0])
        #expect(stage.printed.contains("me/a") && stage.printed.filter { $0 == "  a1" }.count == 1)
    }
}
