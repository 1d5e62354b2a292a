import Foundation
import TestSupport
import Testing

/// Binary, large and marked files are sent by LFS automatically.
@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct LFSPushTests {
    private let logo = Data.noise(5000), weights = Data.noise(300_000, 2)
    private let long = Data(String(repeating: "0123456789abcde\n", count: (10 << 16) + 1).utf8)

    /// A name whose characters mostly have a meaning in patterns.
    private let odd = "odd [1] #*? \"ü\""

    /// A source with a binary at two paths, an executable, a file with an odd name, a text above 10
    /// MiB, and a file that the source marks for LFS.
    private func source(_ scene: Scene, attributes: [String: String] = [:]) async throws -> Repository {
        let source = try await scene.source()
        try source.write(bytes: ["logo.png": logo, "model/weights.bin": weights, "model/logo.png": logo])
        try source.write(bytes: ["long.txt": long, "table.csv": Data("a,b\n".utf8)])
        try source.write(bytes: [odd: .noise(70), "tool": .noise(90)])
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: source.url.appending(path: "tool").path)
        try await source.commit(attributes, "Files")
        return source
    }

    private func expectSame(_ scene: Scene, as name: String = "clone") async throws -> Repository {
        let clone = try await scene.lfsClone(as: name)
        #expect(try clone.bytes("logo.png") == logo && clone.bytes("model/logo.png") == logo)
        #expect(try clone.bytes("model/weights.bin") == weights && clone.bytes("long.txt") == long)
        #expect(try clone.text("table.csv") == "a,b\n")
        #expect(try clone.bytes(odd) == .noise(70) && clone.bytes("tool") == .noise(90))
        #expect(try await clone.git("ls-files", "-s", "tool").hasPrefix("100755"))
        return clone
    }

    @Test(arguments: [
        [:],
        [".gitattributes": "* text=auto\n*.csv filter=lfs diff=lfs merge=lfs -text\n*.png -diff"],
        [".gitattributes": "*.csv filter=lfs\n", "model/.gitattributes": "*.bin -filter\n# no LFS below\n"],
    ])
    func `git-lfs clones identical bytes, and the source's own rules are unchanged`(
        attributes: [String: String]
    ) async throws {
        let scene = try await Scene()
        let source = try await source(scene, attributes: attributes)
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await expectSame(scene)
        for (path, text) in attributes {
            #expect(try clone.text(path).hasPrefix(text.trimmingCharacters(in: .newlines)), "\(path)")
        }
        let names = try await clone.paths().filter { $0.hasSuffix(".gitattributes") }
        for name in names {
            let lines = try clone.text(name).split(separator: "\n").filter { !$0.isEmpty }
            #expect(Set(lines).count == lines.count, "\(name): \(lines)")
        }
        let asked = try await clone.git("-c", "core.quotePath=false", "lfs", "ls-files", "--name-only")
            .split(separator: "\n")
        let marked = attributes.isEmpty ? [] : ["table.csv"]
        #expect(
            Set(asked.map { String($0) })
                == Set(["logo.png", "long.txt", "model/logo.png", "model/weights.bin", odd, "tool"] + marked))
        #expect(try await clone.git("status", "--porcelain") == "", "the pointers are those of git-lfs")
    }

    @Test func `a second push has nothing to do, makes no LFS request and reads no binary again`()
        async throws
    {
        let scene = try await Scene()
        let source = try await source(scene)
        #expect(try await scene.push(source).status == 0)
        let head = try await scene.headOfSpace()
        try await spoil(["logo.png", "model/weights.bin", "long.txt"], in: source)
        try await scene.hub.forget()
        let again = try await scene.push(source)
        #expect(again.status == 0 && again.err.contains("nothing to change"), "\(again)")
        #expect(try await scene.asked().any.isEmpty)
        // Another file changes: the unchanged binaries are recognised by their blob ids.
        try await source.git(
            "update-index", "--assume-unchanged", "logo.png", "model/weights.bin", "long.txt")
        try source.write(bytes: ["app.py": Data("print(2)\n".utf8)])
        try await source.git("commit", "-q", "-m", "Change", "app.py")
        let changed = try await scene.push(source, "--json")
        #expect(changed.status == 0, "\(changed)")
        #expect(changed.events("uploaded").isEmpty)
        #expect(try await scene.asked().any.isEmpty)
        #expect(try await scene.headOfSpace() != head)
    }

    /// Corrupts the loose objects of these files.
    private func spoil(_ paths: [String], in source: Repository) async throws {
        for path in paths {
            let blob = try await source.head("HEAD:\(path)")
            let file = source.url.appending(path: ".git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            try Data("spoilt".utf8).write(to: file)
        }
    }

    @Test func `attribute lines are added once per pattern, and a text of exactly 10 MiB needs none`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write(bytes: ["exact.txt": long.prefix(10 << 20), "a.dat": .noise(50, 1)])
        try await source.commit([:], "One")
        #expect(try await scene.push(source).status == 0)
        let first = try await attributes(scene)
        try source.write(bytes: ["long.txt": long, "b.dat": .noise(50, 2), "c.xyz": .noise(50, 3)])
        try await source.commit([:], "Two")
        #expect(try await scene.push(source).status == 0)
        let second = try await attributes(scene)
        #expect(first.contains { $0.hasPrefix("*.dat ") } && !first.contains { $0.contains("txt") })
        #expect(second.starts(with: first) && Set(second).count == second.count, "\(second)")
        let added = second.dropFirst(first.count).compactMap { $0.split(separator: " ").first }
        #expect(Set(added) == ["/long.txt", "*.xyz"], "\(added)")
        let clone = try await scene.lfsClone()
        let names = try await clone.git("lfs", "ls-files", "--name-only").split(separator: "\n")
        #expect(Set(names) == ["a.dat", "b.dat", "c.xyz", "long.txt"])
        #expect(try clone.bytes("exact.txt").count == 10 << 20)
    }

    /// The lines of the Space's .gitattributes.
    private func attributes(_ scene: Scene) async throws -> [String] {
        let url = scene.folder.url.appending(path: "hub/spaces/me/demo.git")
        let text = try await Repository(url: url, home: scene.folder.path + "/home")
            .git("cat-file", "-p", "main:.gitattributes")
        return text.split(separator: "\n").map { String($0) }
    }

    @Test func `without a cache the same tree is created`() async throws {
        let scene = try await Scene()
        let source = try await source(scene, attributes: [".gitattributes": "*.csv filter=lfs\n"])
        let first = try await scene.push(source)
        #expect(first.status == 0, "\(first)")
        let head = try await scene.headOfSpace()
        scene.dropCache()
        try await scene.hub.forget()
        let again = try await scene.push(source)
        #expect(again.status == 0 && again.err.contains("nothing to change"), "\(again)")
        #expect(try await scene.asked().any.isEmpty)
        #expect(try await scene.headOfSpace() == head)
        // Also on a Space without any of the files.
        scene.dropCache()
        let other = try await scene.spacesync("push", "me/other", "--create", "--no-wait", in: source.url)
        #expect(other.status == 0, "\(other)")
        // README.md differs: its title is the name of each Space.
        func files(_ space: String) async throws -> [Substring] {
            let url = scene.folder.url.appending(path: "hub/spaces/\(space).git")
            let tree = try await Repository(url: url, home: source.home).git("ls-tree", "main")
            return tree.split(separator: "\n").filter { !$0.hasSuffix("README.md") }
        }
        #expect(try await files("me/other") == files("me/demo"))
    }

    @Test(arguments: ["push", "plan"])
    func `with lfs = off, files that the Hub would reject are listed, and nothing is sent`(command: String)
        async throws
    {
        let scene = try await Scene()
        try await scene.makeSpace()
        let source = try await source(scene)
        try await scene.hub.forget()
        let refused = try await scene.spacesync(command, "me/demo", "-c", "lfs=off", in: source.url)
        #expect(refused.status == 6, "\(refused)")
        for path in ["logo.png", "model/logo.png", "model/weights.bin", "long.txt"] {
            #expect(refused.err.contains(path), "\(refused)")
        }
        #expect(refused.err.contains("lfs = auto"), "\(refused)")
        let asked = try await scene.asked()
        #expect(asked.any.isEmpty && asked.writes.isEmpty, "\(asked)")
    }

    @Test func `JSON reports the number of LFS files, and each upload`() async throws {
        let scene = try await Scene()
        let source = try await source(scene)
        let planned = try await scene.spacesync(
            "plan", "me/demo", "--json", "--create", in: source.url)
        #expect(planned.events("planned").first?["lfs"] as? Int == 6, "\(planned)")
        #expect(planned.events("uploaded").isEmpty)
        let pushed = try await scene.push(source, "--json")
        #expect(pushed.events("planned").last?["lfs"] as? Int == 6, "\(pushed)")
        let uploaded = pushed.events("uploaded")
        let sizes = Dictionary(
            uploaded.compactMap { event in
                (event["path"] as? String).map { ($0, event["size"] as? Int ?? 0) }
            }
        ) { first, _ in first }
        #expect(
            sizes == [
                odd: 70, "tool": 90, "logo.png": 5000, "long.txt": long.count, "model/weights.bin": 300_000,
            ], "\(pushed)")
        let clone = try await scene.clone("me/demo", as: "pointers")
        for event in uploaded {
            let path = try #require(event["path"] as? String)
            #expect(try await clone.oid(of: path) == event["sha256"] as? String)
        }
    }
}
