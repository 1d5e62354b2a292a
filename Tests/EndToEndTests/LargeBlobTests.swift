import Foundation
import TestSupport
import Testing

/// Blobs above the in-memory limit (10 MiB): loose, packed, and stored as deltas.
struct LargeBlobTests {
    private static func bytes(_ seed: UInt8, changed: Int? = nil) -> Data {
        var random = FixedSeed(UInt64(seed))
        var data = Data((0..<12_000_000).map { _ in UInt8.random(in: 0...255, using: &random) })
        if let changed { data[changed] ^= 1 }
        return data
    }

    @Test(arguments: ["loose", "packed", "differences"])
    func `a blob over 10 MiB is sent by LFS unchanged, however it is stored`(form: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let content = Self.bytes(1)
        try source.write(bytes: ["model.bin": content])
        try await source.git("add", "-A")
        try await source.git("commit", "-qm", "Model")
        var wanted = content
        if form == "differences" {
            wanted = Self.bytes(1, changed: 6_000_000)
            // Git stores the older version as a delta; the older version is the one deployed.
            try source.write(bytes: ["model.bin": wanted + Data([1, 2, 3])])
            try await source.git("commit", "-qam", "Longer")
            try await source.git("repack", "-q", "-a", "-d", "-f")
            try await source.git("reset", "-q", "--hard", "HEAD~1")
            wanted = content
            let lines = try await source.git(
                "verify-pack", "-v", ".git/objects/pack/" + (try packName(source)))
            let blob = try await source.git("rev-parse", "HEAD:model.bin")
            try #require(
                lines.split(separator: "\n").contains {
                    $0.hasPrefix(blob) && $0.split(separator: " ").count > 5
                })
        } else if form == "packed" {
            try await source.git("repack", "-q", "-a", "-d", "-f")
        }
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        let oid = try await source.oid(of: "model.bin", from: wanted)
        #expect(try scene.bytes(of: oid) == wanted)
        let exported = try await scene.spacesync(
            "export", "me/demo", scene.folder.path + "/out", in: source.url)
        #expect(exported.status == 0, "\(exported)")
        #expect(try scene.folder.read("out/model.bin") == wanted)
    }

    private func packName(_ source: Repository) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: source.url.appending(path: ".git/objects/pack").path)
        return names.first { $0.hasSuffix(".pack") } ?? ""
    }

    @Test func `a blob of 300 MiB in a small pack is sent with little memory`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write(bytes: ["lines.txt": Data(repeating: 0x0A, count: 300 << 20)])
        try await source.git("add", "-A")
        try await source.git("commit", "-qm", "Lines")
        try await source.git("-c", "core.bigFileThreshold=1g", "repack", "-q", "-a", "-d", "-f")
        let run = try await TestSupport.run(
            "/bin/sh",
            ["-c", "ulimit -v 1500000; exec \"$0\" push me/demo --create --no-wait -v", Binary.path],
            environment: scene.environment, directory: source.url)
        #expect(run.status == 0, "\(run)")
        #expect(try scene.objects().count == 1)
    }
}

extension Repository {
    fileprivate func oid(of name: String, from content: Data) async throws -> String {
        let file = url.deletingLastPathComponent().appending(path: "wanted.bin")
        try content.write(to: file)
        let sum = try await run("/usr/bin/sha256sum", [file.path], environment: [:], directory: nil)
        return String(sum.out.prefix(64))
    }
}
