import Digest
import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// Tests for size limits of trees, commits and tags: many megabytes may compress to a few kilobytes.
@Suite struct `Objects within limits` {
    private func store(_ folder: GitFolder) async throws -> ObjectStore {
        let objects = AlternateObjects(directories: [folder.path + "/.git/objects"], path: folder.path)
        return try await Cache(at: folder.path + "/cache").store(for: "https://h.co/a", joining: [objects])
    }

    private func write(_ type: String, _ text: [UInt8], _ folder: GitFolder) async throws -> String {
        try Data(text).write(to: URL(fileURLWithPath: folder.path + "/object"))
        return try await folder.git("hash-object", "-w", "-t", type, "--literally", "object")
    }

    /// Returns the content of a tree that repeats one entry.
    private func tree(_ size: Int, first: String = "a") -> [UInt8] {
        Array("100644 \(first)\0".utf8) + [UInt8](repeating: 7, count: 20) + Self.entries(size)
    }

    /// - Parameter size: minimum size in bytes.
    fileprivate static func entries(_ size: Int) -> [UInt8] {
        var bytes = Array("100644 a\0".utf8) + [UInt8](repeating: 7, count: 20)
        while bytes.count < size { bytes += bytes }
        return bytes
    }

    private func reason(_ read: () async throws -> Void) async -> String? {
        let failure = await #expect(throws: DeployError.self) { try await read() }
        #expect(failure?.kind == .source)
        return failure?.details.joined()
    }

    @Test func `a tree over the limit is not read, whether loose, packed or deltified`() async throws {
        let folder = try await GitFolder.repository()
        let ids = [
            try await write("tree", tree(17 << 20), folder),
            try await write("tree", tree(17 << 20, first: "b"), folder),
        ]
        let words = "a tree of 29.0 MiB; the limit is 16 MiB"
        for step in ["loose", "packed"] {
            let store = try await store(folder)
            for id in ids {
                let id = try #require(ObjectID(id))
                let found = await reason { _ = try await store.entries(of: id) }
                #expect(found == "\(id) is \(words)", "\(step)")
                let size = await reason { _ = try await store.exceededLimit(of: id) }
                #expect(size == "\(id) is \(words)", "\(step)")
            }
            guard step == "loose" else { break }
            try await folder.git(
                "pack-objects", "-q", ".git/objects/pack/pack", input: ids.joined(separator: "\n") + "\n")
            try await folder.git("prune-packed")
        }
        let fine = try await write("tree", tree(1 << 20), folder)
        #expect(try await store(folder).entries(of: try #require(ObjectID(fine))).count > 30_000)
    }

    @Test func `a commit or tag over the limit is not read, at any position in the history`() async throws {
        let folder = try await GitFolder.repository()
        let empty = try await folder.git("mktree", input: "")
        let person = "A <a@b> 1700000000 +0000"
        let long = String(repeating: " ", count: 5 << 20)
        let commit = try await write(
            "commit", Array("tree \(empty)\nauthor \(person)\ncommitter \(person)\n\n\(long)".utf8), folder)
        let child = try await write(
            "commit",
            Array("tree \(empty)\nparent \(commit)\nauthor \(person)\ncommitter \(person)\n\nx".utf8), folder)
        let tag = try await write(
            "tag", Array("object \(child)\ntype commit\ntag v\ntagger \(person)\n\n\(long)".utf8), folder)
        let store = try await store(folder)
        let (id, tip) = (try #require(ObjectID(commit)), try #require(ObjectID(child)))
        let words = "\(id) is a commit of 5.0 MiB; the limit is 4 MiB"
        #expect(await reason { _ = try await store.commit(id) } == words)
        #expect(await reason { _ = try await store.commits(from: tip, beyond: []) } == words)
        #expect(await reason { _ = try await store.ancestor(of: tip, among: [.zero]) } == words)
        #expect(await store.containsHistory(of: tip) == false)
        try await folder.git("update-ref", "refs/tags/v", tag)
        let opened = try await LocalSource.open(at: folder.path)
        let found = await reason { _ = try await opened.snapshot(of: "v") }
        #expect(found == "\(tag) is a tag of 5.0 MiB; the limit is 4 MiB")
    }
}

/// Tests for checking object sizes in a pack while it is received.
@Suite struct `The sizes in a pack` {
    private func scanned(_ pack: [UInt8], by size: Int = 1_000) -> String? {
        var scan = PackScan()
        do throws(PackScan.LimitExceeded) {
            for start in stride(from: 0, to: pack.count, by: size) {
                try scan.consume(Array(pack[start..<min(start + size, pack.count)]))
            }
            return nil
        } catch { return error.message }
    }

    private func head(_ kind: UInt8, _ size: Int) -> [UInt8] {
        var (bytes, rest) = ([kind << 4 | UInt8(size & 0x0F)], size >> 4)
        while rest > 0 {
            bytes[bytes.count - 1] |= 0x80
            bytes.append(UInt8(rest & 0x7F))
            rest >>= 7
        }
        return bytes
    }

    private func number(_ value: Int) -> [UInt8] {
        var (bytes, rest) = ([UInt8(value & 0x7F)], value >> 7)
        while rest > 0 {
            bytes[bytes.count - 1] |= 0x80
            bytes.append(UInt8(rest & 0x7F))
            rest >>= 7
        }
        return bytes
    }

    private func pack(_ objects: [[UInt8]]) -> [UInt8] {
        Array("PACK".utf8) + [0, 0, 0, 2, 0, 0, 0, UInt8(objects.count)] + objects.joined()
            + [UInt8](repeating: 0, count: 20)
    }

    private func object(_ kind: UInt8, _ bytes: [UInt8], size: Int? = nil, base: [UInt8] = []) -> [UInt8] {
        head(kind, size ?? bytes.count) + base + deflated(bytes)
    }

    /// Returns a zlib stream with one stored block (RFC 1950, RFC 1951) and a valid checksum.
    private func deflated(_ bytes: [UInt8]) -> [UInt8] {
        let (count, inverse) = (UInt16(bytes.count), ~UInt16(bytes.count))
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let sum = high << 16 | low
        return [
            0x78, 1, 1, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(inverse & 0xFF), UInt8(inverse >> 8),
        ]
            + bytes + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
    }

    @Test(arguments: [1, 7, 64, 1_000, 1 << 20])
    func `a pack written by git passes, whatever the size of the chunks`(size: Int) async throws {
        let folder = try await GitFolder.repository()
        for number in 0..<40 {
            let lines = (0..<200).map { $0 == number ? "changed\n" : "line \($0)\n" }.joined()
            try Data(lines.utf8).write(to: URL(fileURLWithPath: folder.path + "/text"))
            try await folder.git("add", "-A")
            try await folder.git("commit", "-qm", "Change \(number)")
        }
        try await folder.git("repack", "-adfq")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/.git/objects/pack")
        let name = try #require(names.first { $0.hasSuffix(".pack") })
        let pack = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/.git/objects/pack/" + name))
        #expect(scanned([UInt8](pack), by: size) == nil)
        var scan = PackScan()
        try scan.consume([UInt8](pack))
        #expect(scan.isAtEnd, "every object was followed")
    }

    @Test(arguments: [1, 7, 1_000])
    func `objects larger than the limit are detected by their header`(size: Int) {
        let fine = object(3, Array("hello".utf8))
        #expect(
            scanned(pack([fine, object(2, [1], size: 300 << 20)]), by: size)
                == "a tree of 300.0 MiB; the limit is 16 MiB")
        #expect(
            scanned(pack([fine, object(1, [1], size: 5 << 20)]), by: size)
                == "a commit of 5.0 MiB; the limit is 4 MiB")
        #expect(
            scanned(pack([fine, object(4, [1], size: 5 << 20)]), by: size)
                == "a tag of 5.0 MiB; the limit is 4 MiB")
        #expect(scanned(pack([fine, object(3, [1], size: 5 << 30)]), by: size) == nil, "blobs are streamed")
    }

    @Test func `deltas with a base or result larger than the limit are detected`() {
        let tree = object(2, Array("100644 a\0aaaaaaaaaaaaaaaaaaaa".utf8))
        let delta = number(29) + number(300 << 20) + [0x80 | 0x70, 0xFF, 0xFF, 0xFF]
        let apart = UInt8(tree.count)
        #expect(
            scanned(pack([tree, object(6, delta, base: [apart])]))
                == "a tree of 300.0 MiB; the limit is 16 MiB")
        // A delta based on another delta has the type of the base object.
        let small = object(6, number(29) + number(29) + [0x90, 29], base: [apart])
        let onTop = object(6, number(29) + number(17 << 20), base: [UInt8(small.count)])
        #expect(
            scanned(pack([tree, small, onTop])) == "a tree of 17.0 MiB; the limit is 16 MiB")
        let named = [UInt8](repeating: 1, count: 20)
        #expect(
            scanned(pack([tree, object(7, number(29) + number(1 << 30), base: named)]))
                == "an object of 1.0 GiB stored as a delta; the limit is 512 MiB")
        let large = object(7, number(1 << 30) + number(29), base: named)
        #expect(scanned(pack([tree, large])) != nil, "its base is built, too")
    }

    @Test func `invalid pack data is not reported as an exceeded limit`() {
        let packs = [
            [UInt8](repeating: 0x80, count: 200_000), Array("PACK".utf8), pack([[0xFF, 0xFF]]),
            pack([object(3, [1]), [0x31, 0xFF, 0xFF, 0xFF]]), pack([[UInt8](repeating: 0xE0, count: 999)]),
        ]
        for bytes in packs { #expect(scanned(bytes) == nil) }
    }

    @Test func `a source with an object over the limit is an error that states the limit`() async throws {
        let scene = try await SpaceScene(history: 1)
        let tree = `Objects within limits`.entries(17 << 20)
        try Data(tree).write(to: URL(fileURLWithPath: scene.folder.path + "/object"))
        let id = try await scene.folder.git(
            "-C", "space", "hash-object", "-w", "-t", "tree", "--literally", scene.folder.path + "/object")
        let commit = try await scene.folder.git("-C", "space", "commit-tree", "-m", "Large", id)
        try await scene.folder.git("-C", "space", "update-ref", "refs/heads/main", commit)
        try await scene.backend.serving {
            let failure = await #expect(throws: DeployError.self) {
                let access = SourceEnvironment(cache: scene.cache, client: scene.client)
                _ = try await openSource(scene.backend.url("space").absoluteString, access).snapshot(
                    of: "main")
            }
            #expect(failure?.kind == .source)
            #expect(failure?.message.contains("the limit is 16 MiB") == true, "\(failure as Any)")
        }
    }
}
