import Foundation
import TestSupport
import Testing

/// Malicious sources: huge trees, malformed commits, old modes and confusable names.
struct HostileSourceTests {
    /// Sets the source's branch to a commit object with this content.
    private func commit(_ text: String, _ source: Repository) async throws {
        let file = source.url.appending(path: "../commit")
        try Data(text.utf8).write(to: file)
        let id = try await source.git("hash-object", "-w", "-t", "commit", "--literally", file.path)
        try await source.git("update-ref", "refs/heads/webai2hf", id)
    }

    private func tree(_ bytes: [UInt8], _ source: Repository) async throws -> String {
        let file = source.url.appending(path: "../tree")
        try Data(bytes).write(to: file)
        return try await source.git("hash-object", "-w", "-t", "tree", "--literally", file.path)
    }

    private func bytes(_ id: String) -> [UInt8] {
        stride(from: 0, to: 40, by: 2).compactMap { offset in
            let start = id.index(id.startIndex, offsetBy: offset)
            return UInt8(id[start...].prefix(2), radix: 16)
        }
    }

    @Test func `a tree that expands to billions of files is refused with exit 4, its path and the limit`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        var tree = try await source.git("rev-parse", "HEAD^{tree}")
        for _ in 0..<10 {
            let entries = (0..<10).flatMap { Array("40000 d\($0)\0".utf8) + bytes(tree) }
            tree = try await self.tree(entries, source)
        }
        let commit = try await source.git("commit-tree", tree, "-m", "bomb")
        try await source.git("update-ref", "refs/heads/webai2hf", commit)
        for line in [
            ["check", "me/demo"], ["plan", "me/demo"], ["push", "me/demo", "--create"],
            ["check", "me/demo", "-c", "history=source"],
        ] {
            let run = try await scene.spacesync(line, in: source.url)
            #expect(run.status == 4, "\(run)")
            #expect(run.err.contains("expands to more than 300000 files and directories"), "\(run)")
        }
    }

    @Test func `control characters in a source commit are removed from the Space's commit`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let tree = try await source.git("rev-parse", "HEAD^{tree}")
        let name = "\u{202E}Ev\u{1}il\u{9B}31m"
        let subject = "Sub\u{1B}[31mject\u{0}\u{202E}\u{85}" + String(repeating: "x", count: 5_000)
        try await commit(
            "tree \(tree)\nauthor \(name) <\u{7F}> -5 -10039\ncommitter A <a@b> 99999999999999999999 +0000\n\n"
                + "\(subject)\nbody\n", source)
        let pushed = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let shown = pushed.err + pushed.out
        #expect(!shown.unicodeScalars.contains { [0x1B, 0x9B, 0x85, 0x202E, 0].contains($0.value) })
        #expect(!shown.contains(String(repeating: "x", count: 200)))
        let clone = try await scene.clone("me/demo")
        try await clone.git("fsck", "--strict", "--no-progress")
        let text = try await clone.git("cat-file", "commit", "HEAD")
        #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
        #expect(try await clone.git("log", "-1", "--format=%an") == "Evil31m")
    }

    @Test func `file modes of old tools are deployed as current Git modes`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let blob = try await source.git("hash-object", "-w", "app.py")
        let inner = try await tree(
            Array("0100644 a.py\0".utf8) + bytes(blob) + Array("100664 b.py\0".utf8) + bytes(blob), source)
        var entries: [UInt8] = []
        for (mode, name) in [("0100644", "Dockerfile"), ("100644", "README.md"), ("100644", "app.py")] {
            entries +=
                Array("\(mode) \(name)\0".utf8) + bytes(try await source.git("hash-object", "-w", name))
        }
        entries += Array("040000 lib\0".utf8) + bytes(inner)
        let commit = try await source.git("commit-tree", try await tree(entries, source), "-m", "old tools")
        try await source.git("update-ref", "refs/heads/webai2hf", commit)
        let pushed = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.clone("me/demo")
        try await clone.git("fsck", "--strict", "--no-progress")
        #expect(try await clone.paths().contains("lib/b.py"))
    }

    @Test func `confusable file names are printed differently`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(["notes\u{200B}.txt": "a", "notes.txt": "b", "⚡ 日本.txt": "c"], "Two names")
        let plan = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(plan.out.contains(#""notes\342\200\213.txt""#), "\(plan)")
        #expect(plan.out.contains(" notes.txt"), "\(plan)")
        #expect(plan.out.contains("⚡ 日本.txt"), "\(plan)")
    }

    private static let dockerfiles: [(text: String, code: Int32, words: String)] = [
        ("FROM a\nEXPOSE " + String(repeating: "1-65535 ", count: 5_000), 0, "1 warning"),
        ("FROM a:1\nENV A=" + String(repeating: "${A:-", count: 10_000), 6, "more than 100 levels deep"),
        (
            "FROM a:1\n" + String(repeating: "ONBUILD ", count: 8_000) + "RUN x", 6,
            "Dockerfile:2: ONBUILD isn't allowed"
        ),
        ((0..<1_500).map { "FROM a:1 AS s\($0)\n" }.joined(), 6, "Dockerfile:1001: more than 1000 stages"),
    ]

    @Test(arguments: dockerfiles)
    func `a Dockerfile that exceeds a limit is a finding with its line`(
        text: String, code: Int32, words: String
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(["Dockerfile": text + "\n"]) { $1 })
        let check = try await scene.spacesync("check", "me/demo", in: source.url)
        #expect(check.status == code, "\(check)")
        #expect((check.out + check.err).contains(words), "\(check)")
    }
}
