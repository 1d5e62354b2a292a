import Foundation
import TestSupport
import Testing

/// Redaction of a source's URL in output, files and commits.
struct URLRedactionRunTests {
    private static let word = ["open", "sesame", "at", "ten"].joined(separator: "-")

    private func origin(_ scene: Scene) async throws -> String {
        let work = try await scene.source(named: "work")
        try await scene.makeSpace("origin")
        let url = scene.hub.url.replacing("http://", with: "http://u:\(Scene.token)@")
        try await work.git("push", "-q", "--force", url + "/spaces/me/origin", "webai2hf:main")
        return scene.hub.url.replacing("http://", with: "http://ada:\(Self.word)@") + "/spaces/me/origin"
    }

    @Test func `the user and password of a source's URL are written nowhere`() async throws {
        let scene = try await Scene()
        let url = try await origin(scene)
        let plan = scene.folder.path + "/plan.json"
        for words in [
            ["plan", "me/demo", "-v", "--out", plan],
            ["push", "me/demo", "--create", "--yes", "-v", "--no-wait"],
            ["push", "me/demo", "--json", "--no-wait"], ["push", "me/demo", "--branch", "nowhere"],
            [
                "mirror", "me/demo", "--log", scene.folder.path + "/log", "--metrics-file",
                scene.folder.path + "/metrics",
            ],
        ] {
            let flags = words[0] == "mirror" ? ["-c", "source=\(url)"] : ["--source", url]
            let run = try await scene.spacesync(words + flags)
            #expect(!(run.out + run.err).contains(Self.word), "\(run)")
        }
        #expect(FileManager.default.fileExists(atPath: plan))
        let listed = try await scene.spacesync("cache")
        #expect(listed.out.contains("/spaces/me/origin") && !listed.out.contains(Self.word), "\(listed)")
        let message = try await scene.clone("me/demo").git("log", "-1", "--format=%B")
        #expect(message.contains("Source-Repository: \(scene.hub.url)/spaces/me/origin"), "\(message)")
        for name in try FileManager.default.subpathsOfDirectory(atPath: scene.folder.path) {
            let bytes = (try? Data(contentsOf: scene.folder.url.appending(path: name))) ?? Data()
            #expect(bytes.range(of: Data(Self.word.utf8)) == nil && !name.contains(Self.word), "\(name)")
        }
    }

    @Test(arguments: [
        "https://ada:WORD@[::1/x", "https://h.org:x/?y=WORD", "ada:WORD@-h:x",
        "foo://ada:WORD@h.org/x?WORD#WORD",
        "https://ada:a/WORD@h.org/x", "https://h.org/x?token=WORD", "https://h.org/x#WORD",
        "https:///WORD@h.org",
    ])
    func `a refused URL is shown without its contents`(text: String) async throws {
        let scene = try await Scene()
        let url = text.replacing("WORD", with: Self.word)
        for words in [["plan", "me/demo", "--source", url], ["check", "me/demo", "-c", "source=\(url)"]] {
            let run = try await scene.spacesync(words)
            #expect(run.status != 0, "\(run)")
            #expect(!(run.out + run.err).contains(Self.word), "\(run)")
        }
    }
}
