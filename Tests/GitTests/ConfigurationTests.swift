import Foundation
import Git
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `A configuration file` {
    private func read(_ text: String) throws -> [ConfigEntry] {
        try readConfiguration(text: Array(text.utf8), named: ".spacesync")
    }

    @Test func `subsections keep their case, and entries keep their order`() throws {
        let entries = try read(
            "[Space \"Me/App.js\"]\n\tsleepTime = 5\n\tmanual\n\tinclude = a\n\tinclude =\n")
        #expect(entries.map(\.key) == ["sleeptime", "manual", "include", "include"])
        #expect(entries.map(\.value) == ["5", nil, "a", ""])
        #expect(entries.allSatisfy { $0.section == "space" && $0.subsection == "Me/App.js" })
    }

    @Test func `a syntax error is reported with its line and the displayed file name`() throws {
        let failure = #expect(throws: DeployError.self) { try read("[space]\n\tx = 1\n[broken\n") }
        #expect(failure?.kind == .settings)
        #expect(failure?.message.hasPrefix(".spacesync, line 3") == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("/tmp") == false)
    }

    @Test(arguments: [
        "[include]\npath = /etc/passwd", "\u{FEFF}[Include]\npath=x", "[includeIf \"gitdir:/\"]\npath=x",
        "  [ INCLUDE ]\npath=x", "[a] [include]\npath = x", "[a]b=c\r\n[include]", "[include \"x\"]",
        "[include.x]",
    ])
    func `an include section is an error`(_ text: String) throws {
        let failure = #expect(throws: DeployError.self) { try read(text) }
        #expect(failure?.message.contains("[include] is not allowed") == true)
    }

    @Test func `a key named include is not an include section`() throws {
        #expect(try read("[space]\ninclude = src/\n# [include]\n").count == 1)
    }

    @Test func `the configuration of a repository is reduced to space and spacesync entries`() async throws {
        let folder = try await GitFolder.repository()
        try await folder.git("config", "space.me/app.branch", "web:main")
        try await folder.git("config", "spacesync.jobs", "2")
        let entries = try await LocalSource.open(at: folder.path).configuration()
        #expect(entries.map(\.key) == ["branch", "jobs"])
        #expect(entries.first?.subsection == "me/app")
    }

    @Test func `a named pipe instead of the file is an error and does not block`() throws {
        let folder = try GitFolder()
        #expect(mkfifo(folder.path + "/config", 0o600) == 0)
        #expect(throws: DeployError.self) { try readConfiguration(at: folder.path + "/config") }
    }
}
