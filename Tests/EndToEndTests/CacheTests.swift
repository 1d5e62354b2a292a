import Foundation
import TestSupport
import Testing

/// End-to-end tests of the `cache` command and of cached stores.
struct CacheTests {
    @Test func `the cache can be listed and cleared, and works after that`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let empty = try await scene.spacesync("cache")
        #expect(empty.status == 0 && empty.out.isEmpty && empty.err.contains("0 stores"), "\(empty)")
        #expect(try await scene.push(source).status == 0)
        let remote = scene.hub.url + "/spaces/me/demo"
        #expect(try await scene.spacesync("cache", "-q").out == remote + "\n")
        let listed = try await scene.spacesync("cache")
        #expect(listed.out.contains(remote) && listed.err.contains("1 store"), "\(listed)")
        let entry = try #require(try await scene.spacesync("cache", "--json").events.first)
        #expect(entry["remote"] as? String == remote && entry["size"] as? Int ?? 0 > 0)
        let cleared = try await scene.spacesync("cache", "clear")
        #expect(cleared.status == 0 && cleared.err.contains("Removed 1 store"), "\(cleared)")
        #expect(try await scene.spacesync("cache").out.isEmpty)
        let again = try await scene.push(source)
        #expect(again.status == 0 && again.err.contains("nothing to change"), "\(again)")
        let wrong = try await scene.spacesync("cache", "clean")
        #expect(wrong.status == 2 && wrong.err.contains("invalid argument \"clean\""), "\(wrong)")
    }

    @Test func `targets that share a remote source fetch it once`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace("source")
        let work = try await scene.clone("me/source", as: "work")
        try await work.publish(Scene.files)
        let sections = (1...5).map { number in
            "[space \"me/t\(number)\"]\n\tsource = \(scene.hub.url)/spaces/me/source\n\tcreate = true\n"
        }
        try scene.folder.write("conf", sections.joined())
        let words = ["push", "--config", "conf", "--yes", "-q", "--no-wait"]
        #expect(try await scene.spacesync(words).status == 0)
        try await scene.hub.forget()
        #expect(try await scene.spacesync(words).status == 0)
        let asked = try await scene.hub.asked()
        #expect(asked.filter { $0.path.contains("/me/source") }.count == 1, "\(asked)")
        #expect(asked.count == 6, "one for each target besides: \(asked)")
    }

    @Test func `ten concurrent runs on a store that is due for a repack all succeed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        #expect(try await scene.push(source).status == 0)
        let packs = try scene.packFolder()
        for number in 1...21 { try scene.folder.write("\(packs)/pack_git2_\(number)", "PACK") }
        try await scene.hub.forget()
        try await withThrowingTaskGroup(of: Finished.self) { group in
            for _ in 1...10 { group.addTask { try await scene.push(source) } }
            for try await run in group {
                #expect(run.status == 0 && run.err.contains("nothing to change"), "\(run)")
            }
        }
        #expect(try await scene.hub.asked().count == 10, "none read the Space anew")
        #expect(try await scene.push(source).status == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: scene.folder.path + "/" + packs)
        #expect(left.count == 2, "one pack and its index: \(left)")
    }
}

extension Scene {
    /// Returns the pack directory of the cache's only store, relative to the scene's folder.
    fileprivate func packFolder() throws -> String {
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/home/.cache")
        return "home/.cache/" + (try #require(files.first { $0.hasSuffix("/objects/pack") }))
    }
}
