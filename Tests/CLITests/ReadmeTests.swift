import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import DeploySettings
@testable import SpacesModel

/// Tests that settings, commands and exit codes in the README match the code.
struct ReadmeTests {
    private func readme() throws -> String {
        try String(contentsOf: PackageRoot.url.appending(path: "README.md"), encoding: .utf8)
    }

    @Test func `the table of settings matches the code`() throws {
        let rows = SettingKey.all.map { "| `\($0.name)` | \($0.summary) | \($0.defaultValue) |" }
        let table = (["| key | means | default |", "|---|---|---|"] + rows).joined(separator: "\n")
        #expect(try readme().contains(table), "expected:\n\(table)")
    }

    @Test func `every command is in the README`() throws {
        let text = try readme()
        for command in Command.all { #expect(text.contains("`\(command.name)"), "\(command.name)") }
    }

    @Test func `every exit code is in the README`() throws {
        let table = try readme().split(separator: "## Exit codes").last.map { String($0) } ?? ""
        let first = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap {
            $0.split(separator: "|").first
        }
        let codes = Set(first.joined(separator: " ").split { !$0.isNumber }.compactMap { Int($0) })
        #expect(codes == Set(DeployError.Kind.allCases.map(\.exitCode) + [0, 10]))
    }
}
