import Foundation
import Testing

@testable import Deploy
@testable import Reporting
@testable import SpacesModel

/// Fields of the JSON events.
struct JSONFieldTests {
    private struct Lines: CommandCompleting {
        func complete(_ text: String, of space: SpaceID?) -> String { text }
    }

    @Test func `a finding has its fix under both names`() throws {
        let path = FileManager.default.temporaryDirectory.path + "/json-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try #require(FileHandle(forWritingAtPath: path))
        let terminal = Terminal(descriptor: file.fileDescriptor)
        let reporter = JSONReporter(out: terminal, err: terminal)
        let finding = Finding(.error, Path("Dockerfile"), .dockerfileSyntax, "broken", fix: "repair it")
        reporter.send(.event(.finding(finding), try #require(SpaceID("me/app")), Lines()))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(#""fix":"repair it","mend":"repair it""#), "\(text)")
    }
}
