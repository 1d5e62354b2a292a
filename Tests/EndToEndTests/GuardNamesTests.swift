import Foundation
import TestSupport
import Testing

/// `result.guards`: the names of the guards that blocked (design 5.2).
struct GuardNamesTests {
    private func guards(_ run: Finished) throws -> [String] {
        try #require(run.events("result").last?["guards"] as? [String], "\(run)")
    }

    @Test func `push and plan name all blocking guards at once`() async throws {
        let scene = try await Scene()
        let files = Dictionary(
            uniqueKeysWithValues: (1...30).map { ("data/\($0).txt", "\($0)\n") })
        let source = try await scene.source(Scene.files.merging(files) { $1 })
        let first = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", "--json", in: source.url)
        #expect(first.status == 0)
        #expect(try guards(first) == [])
        try await scene.clone("me/demo").publish(["app.py": "print('by hand')\n"])
        try await source.git("rm", "-rq", "data", "Dockerfile")
        try await source.commit(
            ["README.md": "---\ntitle: Demo\nsdk: static\n---\n", "index.html": "x\n"], "Static")
        for command in ["plan", "push"] {
            let run = try await scene.spacesync(command, "me/demo", "--json", in: source.url)
            #expect(run.status == 9, "\(run)")
            #expect(try guards(run) == ["drift", "deletes", "sdk"], "\(command)")
            let remaining = try await scene.spacesync(
                command, "me/demo", "--force", "--json", in: source.url)
            #expect(remaining.status == 9)
            #expect(try guards(remaining) == ["sdk"])
        }
        let all = try await scene.spacesync(
            "push", "me/demo", "--force=drift,deletes,sdk", "--no-wait", "--json", in: source.url)
        #expect(all.status == 0, "\(all)")
        #expect(try guards(all) == [])
    }

    @Test func `a rolled-back commit names the rollback guard, and other failures name none`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        _ = try await scene.spacesync("push", "me/demo", in: source.url)
        let back = try await scene.spacesync("rollback", "me/demo", "--json")
        #expect(back.status == 0, "\(back)")
        #expect(try guards(back) == [])
        let again = try await scene.spacesync("push", "me/demo", "--json", in: source.url)
        #expect(again.status == 0)
        #expect(try guards(again) == ["rollback"])
        let forced = try await scene.spacesync(
            "push", "me/demo", "--force=rollback", "--no-wait", "--json", in: source.url)
        #expect(forced.status == 0, "\(forced)")
        #expect(try guards(forced) == [])
        try await scene.clone("me/demo").publish(["app.py": "print('by hand')\n"])
        let objected = try await scene.spacesync("rollback", "me/demo", "--json")
        #expect(objected.status == 9, "\(objected)")
        #expect(try guards(objected) == ["drift"])
        let usage = try await scene.spacesync("push", "--nope", "--json")
        #expect(usage.status == 2)
        #expect(try guards(usage) == [])
        let missing = try await scene.spacesync("push", "me/none", "--json", in: source.url)
        #expect(missing.status == 6)
        #expect(try guards(missing) == [])
    }
}
