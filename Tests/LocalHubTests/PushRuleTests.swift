import Foundation
import TestSupport
import Testing

@testable import LocalHub

struct PushRuleTests {
    private func refused(
        _ messages: [String], _ prepare: (Rehearsal) async throws -> Void,
        files: [String: String] = ["x": "y"]
    ) async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await prepare(hub)
            let pushed = try await hub.push(files)
            #expect(pushed.status != 0)
            for message in messages + ["(pre-receive hook declined)"] {
                #expect(pushed.err.contains(message), "\(pushed.err)")
            }
            let sha = try await hub.ask("GET", "/api/spaces/me/demo").json["sha"].string
            #expect(try await sha != hub.head())
        }
    }

    @Test func `a binary file is refused, even if a later commit removes it`() async throws {
        try await refused(
            [
                "remote: Your push was rejected because it contains binary files.",
                "remote: Please use https://huggingface.co/docs/hub/xet to store binary files.",
                "remote:   - img/a b.png (ref: refs/heads/main)",
            ]
        ) { hub in
            try hub.folder.write("work/img/a b.png", Data([0x89, 0x50, 0, 1, 2]))
            _ = try await hub.git("add", "-A", in: "work")
            _ = try await hub.git("commit", "-q", "-m", "image", in: "work")
            _ = try await hub.git("rm", "-q", "img/a b.png", in: "work")
        }
    }

    @Test func `a file over 10 MiB is refused`() async throws {
        try await refused([
            "remote: Your push was rejected because it contains files larger than 10 MiB.",
            "  - big.txt (ref: ",
        ]) { hub in
            try hub.folder.write("work/big.txt", Data(repeating: 65, count: (10 << 20) + 1))
        }
    }

    @Test func `a pointer to an object that is not on the Hub is refused`() async throws {
        let pointer = HubLFSPointer(oid: String(repeating: "ab", count: 32), size: 5).file
        try await refused(
            ["remote: Your push was rejected because an LFS pointer pointed to a file that does not exist."],
            { _ in }, files: ["model.dat": pointer])
    }

    @Test func `more than 10,000 entries in a folder are refused`() async throws {
        try await refused([
            "remote: Your push was rejected because it contains too many files per directory.",
            "remote: Offending directories: /many/",
        ]) { hub in
            // The index gets 10,001 entries for one blob, without writing the files to disk.
            let blob = try await hub.git("hash-object", "-w", "--stdin", in: "work", input: "x").out
            let id = blob.trimmingCharacters(in: .whitespacesAndNewlines)
            let lines = (0...10_000).map { "100644 \(id)\tmany/\($0)\n" }.joined()
            _ = try await hub.git("update-index", "--add", "--index-info", in: "work", input: lines)
            _ = try await hub.git("commit", "-q", "-m", "many", in: "work")
            _ = try await hub.git("update-index", "--skip-worktree", "many/0", in: "work")
            _ = try await hub.git("checkout", "-q", "-f", "HEAD", in: "work")
        }
    }

    @Test func `invalid card values are refused, with all errors in one message`() async throws {
        let long = String(repeating: "a", count: 61)
        try await refused(
            [
                "remote: Sorry, your push was rejected during YAML metadata verification:",
                "remote:  - Error: \"colorFrom\" must be one of [red, yellow, green, blue, indigo, purple, pink, gray]",
                "remote:  - Error: \"short_description\" length must be less than or equal to 60 characters long",
            ], { _ in },
            files: ["README.md": "---\nsdk: docker\ncolorFrom: orange\nshort_description: \(long)\n---\n"])
    }

    @Test func `main can't be deleted, and other branches are created and deleted without a build`()
        async throws
    {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            #expect(try await hub.git("push", "origin", "HEAD:refs/heads/side", in: "work").status == 0)
            let refs = try await hub.ask("GET", "/api/spaces/me/demo/refs").json["branches"].array ?? []
            #expect(Set(refs.compactMap { $0["name"].string }) == ["main", "side"])
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/runtime").json["stage"] == "NO_APP_FILE")
            #expect(try await hub.git("push", "origin", ":side", in: "work").status == 0)
            let deleted = try await hub.git("push", "origin", ":main", in: "work")
            #expect(deleted.err.contains("Cannot delete refs/heads/main"), "\(deleted)")
        }
    }

    @Test func `a small push is fast`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            for index in 0..<3 { try await hub.push(["a": "\(index)"]) }
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            let pushes = requests.filter { $0["path"].string?.hasSuffix("git-receive-pack") ?? false }
            // A push takes 25 ms on an idle machine. The best of three is used, because other tests
            // run meanwhile.
            #expect((pushes.compactMap { $0["seconds"].number }.min() ?? 99) < 5)
        }
    }
}
