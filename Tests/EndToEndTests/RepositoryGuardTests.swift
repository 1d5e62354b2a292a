import Foundation
import TestSupport
import Testing

/// The `repository` guard: a Space deployed from one repository is not replaced by another.
struct RepositoryGuardTests {
    private func other(_ scene: Scene, named name: String) async throws -> Repository {
        // Gives each repository a different first commit: identical commits in one second have the same id.
        let other = try await scene.source(
            Scene.files.merging(["name.txt": "\(name)\n"]) { $1 }, named: name)
        try await other.commit(["other.txt": "\(name)\n"], "Other app")
        return other
    }

    @Test(arguments: ["other", "elsewhere/source"])
    func `a push from another repository is refused, and allowed after one forced push`(name: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try #require(try await scene.push(source).status == 0)
        let other = try await other(scene, named: name)
        for command in ["push", "plan"] {
            let refused = try await scene.spacesync([command, "me/demo"], in: other.url)
            #expect(refused.status == 9, "\(refused)")
            #expect(refused.err.contains("was last deployed from another repository"), "\(refused)")
            #expect(refused.err.contains("--force=repository"), "\(refused)")
        }
        let json = try await scene.spacesync("push", "me/demo", "--json", in: other.url)
        #expect(json.result("outcome") == "refused" && json.out.contains(#""repository""#), "\(json)")
        let plain = try await scene.spacesync("push", "me/demo", "--force", in: other.url)
        #expect(plain.status == 9, "--force alone passes it: \(plain)")
        let forced = try await scene.push(other, "--force=repository")
        #expect(forced.status == 0, "\(forced)")
        try await other.commit(["other.txt": "two\n"], "Two")
        let again = try await scene.push(other)
        #expect(again.status == 0, "\(again)")
    }

    @Test func `after a rollback the guard names the source commit without the rollback's subject`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 2)
        let first = try await source.git("rev-parse", "--short=7", "HEAD~1").trimmingCharacters(in: .newlines)
        try #require(try await scene.rollback().status == 0)
        let other = try await other(scene, named: "other")
        let refused = try await scene.spacesync("push", "me/demo", in: other.url)
        #expect(
            refused.status == 9 && refused.err.contains("\(first) (restored by a rollback)"), "\(refused)")
        #expect(!refused.err.contains("Roll back"), "\(refused)")
    }

    @Test func `a clone is the same repository at any path`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let stale = Repository(url: scene.folder.url.appending(path: "stale"), home: source.home)
        try await source.git("clone", "-q", source.url.path, stale.url.path)
        try await source.commit(["app.py": "print(2)\n"], "Two")
        try #require(try await scene.push(source).status == 0)
        // The clone lacks the deployed commit; its remote has it.
        try await stale.commit(["late.txt": "late\n"], "Late")
        let fetched = try await scene.push(stale, "--force=behind")
        #expect(!fetched.err.contains("another repository"), "\(fetched)")
        try await stale.git("remote", "remove", "origin")
        try await source.commit(["app.py": "print(3)\n"], "Three")
        try #require(try await scene.push(source, "--force=deletes").status == 0)
        let earlier = try await scene.push(stale)
        #expect(
            !earlier.err.contains("another repository"), "it has the commit of an earlier deploy: \(earlier)")
    }

    @Test func `remote URLs in other spellings are equal, and a shallow clone only warns`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.git("remote", "add", "origin", "https://GitHub.com/me/web.git")
        try #require(try await scene.push(source).status == 0)
        let other = try await other(scene, named: "other")
        try await other.git("remote", "add", "origin", "git@github.com:me/web")
        let same = try await scene.push(other)
        #expect(same.status == 0, "\(same)")
        try await source.commit(["app.py": "print(2)\n"], "Two")
        try #require(try await scene.push(source).status == 0)
        let shallow = Repository(url: scene.folder.url.appending(path: "shallow"), home: source.home)
        let third = try await self.other(scene, named: "third")
        try await source.git("clone", "-q", "--depth", "1", "file://" + third.url.path, shallow.url.path)
        try await shallow.git("remote", "remove", "origin")
        let warned = try await scene.push(shallow)
        #expect(warned.status == 0 && warned.err.contains("can't check that"), "\(warned)")
    }

    @Test func `without recorded sources, repositories are not compared`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try #require(try await scene.push(source, "-c", "trace=none").status == 0)
        let other = try await other(scene, named: "other")
        let pushed = try await scene.push(other)
        #expect(pushed.status == 0, "\(pushed)")
    }
}
