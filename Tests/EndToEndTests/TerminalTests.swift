import Foundation
import TestSupport
import Testing

/// The program on a terminal of 80 columns: screens that fit, viewers, and tables.
struct TerminalTests {
    private func deployed() async throws -> (scene: Scene, source: Repository) {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(pushed.status == 0, "\(pushed)")
        return (scene, source)
    }

    /// The lines on a terminal, without colours and without what was erased.
    private func lines(_ run: Finished) -> [String] {
        run.out.replacing("\r\n", with: "\n").split(separator: "\n").map { line in
            let shown = line.components(separatedBy: "\u{1B}[2K").last ?? ""
            return shown.replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "").replacing("\r", with: "")
        }
    }

    @Test(
        arguments: [(["logs", "me/demo", "-f"], "Startup"), (["metrics", "me/demo"], "MEMORY")],
        ["q", "\u{3}"])
    func `leaving a viewer with q or Ctrl-C is not an error`(
        command: (words: [String], text: String), key: String
    ) async throws {
        let (scene, _) = try await deployed()
        let run = try await scene.onTerminal(command.words, pressing: key, when: command.text)
        #expect(run.status == 0, "\(run)")
        #expect(!run.out.contains("error") && !run.out.contains("interrupted"), "\(run)")
    }

    @Test func `leaving watch is not an error, and says that the build continues`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":60}}"#]) { $1 })
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        let run = try await scene.onTerminal(["watch", "me/demo"], pressing: "q", when: "building")
        #expect(run.status == 0 && run.out.contains("the build continues"), "\(run)")
        #expect(run.out.contains("spacesync watch me/demo") && !run.out.contains("error"), "\(run)")
    }

    @Test func `a push shows its steps, and folds the log`() async throws {
        let (scene, source) = try await deployed()
        try await source.commit(["app.py": "print(2)\n"], "Change the app")
        let run = try await scene.onTerminal(["push", "me/demo"], in: source.url)
        let shown = lines(run)
        #expect(run.status == 0, "\(run)")
        for name in ["✓ pushed ", "✓ built ", "✓ running", "app   http", "page  http"] {
            #expect(shown.count { $0.hasPrefix(name) } == 1, "\(name): \(shown)")
        }
        #expect(run.out.contains("(private: sign in first)") && !run.out.contains("-----> "), "\(run)")
        #expect(!run.out.contains("Build Queued") && shown.allSatisfy { $0.count <= 80 }, "\(shown)")
        let verbose = try await scene.onTerminal(["watch", "me/demo", "-v"], in: source.url)
        #expect(verbose.status == 0, "\(verbose)")
    }

    @Test func `the list shows source and deploy from the cache, without a request`() async throws {
        let (scene, source) = try await deployed()
        try await scene.makeSpace("broken")
        try await scene.set("BUILD_ERROR", of: "me/broken")
        try await scene.hub.forget()
        _ = try await scene.spacesync("list", "me")
        let requests = try await scene.hub.asked().map(\.path)
        try await scene.hub.forget()
        let run = try await scene.onTerminal(["list", "me"])
        #expect(run.status == 0, "\(run)")
        #expect(try await scene.hub.asked().map(\.path) == requests)
        let shown = lines(run)
        #expect(shown[0].hasPrefix("SPACE ") && shown[0].contains("SOURCE") && shown[0].contains("SEEN BY"))
        #expect(shown[1].hasPrefix("me/broken") && shown[1].contains("✗ BUILD_ERROR"), "\(shown)")
        let short = try await source.head().prefix(7)
        #expect(shown[2].hasPrefix("me/demo") && shown[2].contains("\(short)  now"), "\(shown)")
        #expect(shown[3] == "2 Spaces, 1 needs attention", "\(shown)")
        // Another head than the deployed one: what it was made from is not known.
        try await scene.clone("me/demo").publish(["note.txt": "x\n"])
        let later = try await scene.onTerminal(["list", "me"])
        #expect(!later.out.contains(short), "\(later)")
        let piped = try await scene.spacesync("list", "me")
        #expect(piped.out.hasPrefix("me/broken  BUILD_ERROR") && !piped.out.contains("SPACE"), "\(piped)")
    }

    @Test func `a long list is folded, but all broken Spaces are shown`() async throws {
        let scene = try await Scene()
        for number in 10..<24 { try await scene.makeSpace("s\(number)") }
        for number in 10..<22 { try await scene.set("RUNNING", of: "me/s\(number)") }
        let run = try await scene.onTerminal(["list", "me"], rows: 10)
        let shown = lines(run)
        #expect(shown.count == 8 && shown[1].contains("me/s22") && shown[2].contains("me/s23"), "\(shown)")
        #expect(shown[7] == "… 8 more (-v shows all), 14 Spaces, 2 need attention", "\(shown)")
    }

    @Test(arguments: [20, 80, 120])
    func `tables fit the terminal`(columns: Int) async throws {
        let (scene, source) = try await deployed()
        try await scene.makeSpace("a-very-long-name-of-a-space-which-takes-much-room-in-tables")
        for words in [
            ["list", "me"], ["history", "me/demo"],
            ["status", "me/demo", "me/a-very-long-name-of-a-space-which-takes-much-room-in-tables"],
        ] {
            let run = try await scene.onTerminal(words, columns: columns, in: source.url)
            #expect(run.status == 0 && lines(run).allSatisfy { $0.count <= columns }, "\(words): \(run)")
            #expect(lines(run)[0].hasPrefix(words[0] == "history" ? "N" : "SPACE"), "\(run)")
        }
        let one = try await scene.onTerminal(["status", "me/demo"], columns: columns)
        let prose = lines(one).filter { !$0.contains("://") }
        #expect(one.status == 0 && prose.allSatisfy { $0.count <= columns }, "\(one)")
    }

    @Test func `TERM=dumb and NO_COLOR are respected`() async throws {
        let (scene, source) = try await deployed()
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let dumb = try await scene.onTerminal(
            ["push", "me/demo"], in: source.url, changing: ["TERM": "dumb"])
        #expect(dumb.status == 0 && dumb.out.contains("-----> ") && !dumb.out.contains("\u{1B}"), "\(dumb)")
        try await source.commit(["app.py": "print(3)\n"], "Change again")
        let plain = try await scene.onTerminal(
            ["push", "me/demo"], in: source.url, changing: ["NO_COLOR": "1"])
        #expect(plain.status == 0 && !plain.out.contains(/\u{1B}\[[0-9]+m/), "\(plain)")
    }

    @Test func `doctor shows problems first`() async throws {
        let (scene, source) = try await deployed()
        let run = try await scene.onTerminal(["doctor", "me/demo", "--branch", "nope"], in: source.url)
        #expect(run.status == 4 && lines(run)[0].hasPrefix("bad "), "\(run)")
        #expect(lines(run).last == "1 problem", "\(run)")
    }

    @Test func `answering no is not an error, and keeps its exit code`() async throws {
        let (scene, source) = try await deployed()
        let run = try await scene.onTerminal("delete", "me/demo", answering: ["n\n"], in: source.url)
        #expect(run.status == 9 && run.out.contains("nothing was changed"), "\(run)")
        #expect(!run.out.contains("error"), "\(run)")
    }

    @Test func `answering no to the creation of a Space creates nothing and is not an error`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let run = try await scene.onTerminal("push", "me/demo", answering: ["n\n"], in: source.url)
        #expect(run.status == 6 && run.out.contains("me/demo was not created; nothing was pushed"), "\(run)")
        #expect(!run.out.contains("error") && !run.out.contains("does not exist"), "\(run)")
        #expect(try await scene.hub.asked().allSatisfy { $0.method == "GET" })
    }
}
