import Foundation
import TestSupport
import Testing

/// Mirror passes after an image tag moved, and after a rollback.
struct MirrorOutcomeTests {
    @Test(.timeLimit(.minutes(30)))
    func `an image whose tag moved is deployed once by the next pass`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(["README.md": "---\ntitle: Layers\n---\n# Layers\n"])
        var fleet = Fleet(scene)
        fleet.add("me/lay", from: source.url.path, "image = \(shelf.image)")
        let first = try await fleet.run("mirror")
        #expect(first.status == 0, "\(first)")
        let count = try await scene.count(ofCommitsOn: "me/lay")
        let idle = try await fleet.run("mirror")
        #expect(idle.status == 0 && idle.err.isEmpty && idle.out.isEmpty, "\(idle)")
        shelf.move()
        let moved = try await fleet.run("mirror")
        #expect(moved.status == 0 && moved.err.contains("image moved"), "\(moved)")
        #expect(moved.err.contains("pass: 1 deployed"), "\(moved)")
        let dockerfile = try await scene.repository(of: "me/lay").git("show", "main:Dockerfile")
        #expect(dockerfile.contains("FROM \(shelf.image)@\(ImageShelf.Build.second.digest)"), "\(dockerfile)")
        for _ in 1...3 {
            let after = try await fleet.run("mirror")
            #expect(after.status == 0 && after.err.isEmpty, "\(after)")
        }
        #expect(try await scene.count(ofCommitsOn: "me/lay") == count + 1)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a rolled-back deploy stays rolled back silently for ten passes, until the source changes`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        var fleet = Fleet(scene)
        fleet.add("me/demo", from: source.url.path, "rollbackOnFailure = true", "notify = env:NOTICE_URL")
        try await scene.hub.fault(#"{"method":"POST","path":"/_notice","status":200,"times":-1}"#)
        let metrics = scene.folder.path + "/m.prom"
        let words = try fleet.words("mirror", "--metrics-file", metrics)
        func pass() async throws -> Finished {
            try await scene.spacesync(words, changing: ["NOTICE_URL": scene.hub.url + "/_notice"])
        }
        #expect(try await pass().status == 0)
        let good = try await scene.commits()
        try await source.breakBuild()
        let failed = try await pass()
        #expect(failed.status == 7 && failed.err.contains("1 rolled_back"), "\(failed)")
        let back = try await scene.commits()
        #expect(back.count == good.count + 2, "the deploy and the rollback")
        #expect(try await scene.tree(of: back[0]) == scene.tree(of: good[0]))
        for _ in 1...10 {
            let next = try await pass()
            #expect(next.status == 0 && next.err.isEmpty && next.out.isEmpty, "\(next)")
        }
        #expect(try await scene.commits() == back, "not one commit more")
        let notices = try await scene.hub.asked().count { $0.path == "/_notice" }
        #expect(notices == 1, "that it failed; nothing is well again")
        let numbers = try String(contentsOfFile: metrics, encoding: .utf8)
        #expect(numbers.contains("spacesync_rolled_back{space=\"me/demo\"} 1"), "\(numbers)")
        #expect(!numbers.contains("source_commit_age_seconds{"), "\(numbers)")
        let fix = ["Dockerfile": Scene.files["Dockerfile"] ?? "", "app.py": "print('mended')\n"]
        try await source.commit(fix, "Mend the build")
        let fixed = try await pass()
        #expect(fixed.status == 0 && fixed.err.contains("pass: 1 deployed"), "\(fixed)")
        #expect(try await scene.commits().count == back.count + 1)
        #expect(try await scene.hub.asked().count { $0.path == "/_notice" } == 2)
    }
}
