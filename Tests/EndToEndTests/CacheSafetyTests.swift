import Foundation
import TestSupport
import Testing

/// The cache decides what is pushed: it must belong to the user, and links out of it are not followed.
struct CacheSafetyTests {
    private static let precious = "do not touch\n"

    @Test func `a link in place of a cache lock or file is not followed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let first = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(first.status == 0, "\(first)")
        let files = FileManager.default
        let cache = scene.folder.path + "/home/.cache/spacesync"
        let target = scene.folder.path + "/precious"
        try Data(Self.precious.utf8).write(to: URL(fileURLWithPath: target))
        let names = try files.subpathsOfDirectory(atPath: cache).filter {
            $0.hasSuffix(".lock") && !$0.dropLast(5).contains(".") || $0.hasPrefix("locks/")
                || !$0.contains("/")
        }
        var count = 0
        for name in names {
            var isFolder: ObjCBool = false
            guard files.fileExists(atPath: cache + "/" + name, isDirectory: &isFolder), !isFolder.boolValue
            else { continue }
            try files.removeItem(atPath: cache + "/" + name)
            try files.createSymbolicLink(atPath: cache + "/" + name, withDestinationPath: target)
            count += 1
        }
        for name in ["lfs-pointers", "mirror.lock", "mirror-127.0.0.1.json"] {
            try? files.createSymbolicLink(atPath: cache + "/" + name, withDestinationPath: target)
        }
        #expect(count >= 2)
        try await source.commit(["app.py": "print(2)\n", "a.bin": "\u{0}\u{1}"], "Change")
        let again = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(again.status == 0, "\(again)")
        let pass = try await scene.spacesync(
            "mirror", "--no-wait", "-c", "source=\(source.url.path)", in: source.url)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == Self.precious, "\(pass)")
    }

    @Test func `a lock directory that is a link is replaced`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let elsewhere = scene.folder.path + "/elsewhere", cache = scene.folder.path + "/home/.cache/spacesync"
        for folder in [elsewhere, cache] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        for name in ["locks", "fingerprints"] {
            try FileManager.default.createSymbolicLink(
                atPath: cache + "/" + name, withDestinationPath: elsewhere)
        }
        let run = try await scene.spacesync(
            "push", "me/demo", "--no-wait", "-c", "secret=KEY", in: source.url, changing: ["KEY": "x"])
        #expect(run.status == 0, "\(run)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).isEmpty)
    }

    @Test func `a cache behind the user's own link is used, a world-writable one is refused`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let disk = scene.folder.path + "/disk", home = scene.folder.path + "/home/.cache"
        for folder in [disk, home] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(atPath: home + "/spacesync", withDestinationPath: disk)
        let run = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(run.status == 0, "\(run)")
        #expect(!(try FileManager.default.contentsOfDirectory(atPath: disk)).isEmpty)
        chmod(disk, 0o777)
        let open = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(open.status == 3 && open.err.contains("may write to the cache"), "\(open)")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
    func `a cache of another user is refused`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let cache = scene.folder.path + "/home/.cache/spacesync"
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        #expect(chown(cache, 65534, 65534) == 0)
        for command in ["push", "plan", "status"] {
            let run = try await scene.spacesync(command, "me/demo", in: source.url)
            #expect(run.status == 3 && run.err.contains("belongs to another user"), "\(run)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache).isEmpty)
        let other = try await scene.spacesync(
            "plan", "me/demo", in: source.url, changing: ["XDG_CACHE_HOME": scene.folder.path + "/own"])
        #expect(other.status == 0, "\(other)")
    }
}
