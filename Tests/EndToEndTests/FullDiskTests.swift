import Foundation
import TestSupport
import Testing

/// Cache, temporary and output directories on a full file system, in a separate mount namespace.
@Suite(.enabled(if: Peer.unshare.isWanted, Comment(rawValue: Peer.unshare.word)))
struct FullDiskTests {
    /// Runs the binary with a file system mounted over a directory.
    /// - Parameters:
    ///   - options: mount options of tmpfs, see mount(8).
    ///   - filling: whether the file system is filled first.
    private func run(
        _ scene: Scene, on directory: String, _ options: String = "size=64k", filling: Bool = true,
        _ arguments: [String], changing: [String: String] = [:], in source: Repository
    ) async throws -> Finished {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let fill = filling ? "dd if=/dev/zero of=\"$0/fill\" bs=4k 2>/dev/null;" : ""
        let script = "mount -t tmpfs -o mode=700,\(options) tmpfs \"$0\" || exit 99; \(fill) \"$@\""
        return try await TestSupport.run(
            try Peer.unshare.found(),
            ["-rm", "/bin/sh", "-c", script, directory, Binary.path] + arguments,
            environment: scene.environment.merging(changing) { $1 }, directory: source.url)
    }

    private func isOnSpace(_ text: String, _ scene: Scene) async throws -> Bool {
        try await scene.clone("me/demo", as: "clone-\(UUID().uuidString)").text("app.py") == text
    }

    @Test(arguments: ["size=64k", "size=4m,nr_inodes=1", "size=4m,ro"])
    func `a full or read-only cache is not used, and the deploy continues without it`(options: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        let cache = scene.folder.path + "/home/.cache/spacesync"
        let run = try await run(
            scene, on: cache, options, filling: options == "size=64k",
            ["push", "me/demo", "--no-wait"], in: source)
        #expect(run.status == 0, "\(run)")
        #expect(try await isOnSpace("print(2)\n", scene))
    }

    @Test func `a cache that fills up during a fetch is no longer used, and a warning names it`() async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        var noise = FixedSeed(3)
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/\n")
        let text = String((0..<1_500_000).map { _ in letters[Int.random(in: 0..<64, using: &noise)] })
        try await source.commit(["large.txt": text], "Large")
        let other = try await scene.spacesync(
            "push", "me/other", "--create", "--visibility", "public", "--yes", "--no-wait", in: source.url)
        try #require(other.status == 0, "\(other)")
        let cache = scene.folder.path + "/home/.cache/spacesync"
        let run = try await run(
            scene, on: cache, "size=1m", filling: false,
            [
                "push", "me/demo", "--no-wait", "--source", scene.hub.url + "/spaces/me/other", "--branch",
                "main", "--force=repository",
            ],
            in: source)
        #expect(run.status == 0, "\(run)")
        #expect(run.err.contains("the cache \(cache)") && run.err.contains("disk is full"), "\(run)")
        #expect(try await isOnSpace("print(2)\n", scene))
    }

    @Test func `a full temporary directory is named, and nothing is partially deployed`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        let temporary = scene.folder.path + "/full"
        let run = try await run(
            scene, on: temporary, "size=64k", ["push", "me/demo", "--no-wait"],
            changing: ["TMPDIR": temporary, "XDG_CACHE_HOME": temporary], in: source)
        #expect(run.status == 75, "\(run)")
        #expect(run.err.contains(temporary) && run.err.contains("full"), "\(run)")
        #expect(run.err.contains("TMPDIR"), "\(run)")
        #expect(try await isOnSpace("print('hello')\n", scene))
        let roomy = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(roomy.status == 0, "\(roomy)")
    }

    @Test func `a full disk under --out, --metrics-file and --log gives exit 75 and names the directory`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        let full = scene.folder.path + "/full"
        let plan = try await run(
            scene, on: full, "size=64k", ["plan", "me/demo", "--out", full + "/plan.json"], in: source)
        #expect(plan.status == 75 && plan.err.contains(full) && plan.err.contains("disk is full"), "\(plan)")
        try await source.git("config", "space.me/demo.branch", "webai2hf:main")
        for flag in ["--metrics-file", "--log"] {
            let pass = try await run(
                scene, on: full, "size=64k", ["mirror", flag, full + "/out"], in: source)
            #expect(pass.status == 75 && pass.err.contains("disk is full"), "\(flag): \(pass)")
        }
        let export = try await run(
            scene, on: full, "size=64k", ["export", "me/demo", full + "/tree"], in: source)
        #expect(export.status == 75 && export.err.contains("disk is full"), "\(export)")
    }

    @Test func `standard output on a full disk is a failure`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        let run = try await TestSupport.run(
            "/bin/sh", ["-c", "exec \"$0\" status me/demo --json >/dev/full", Binary.path],
            environment: scene.environment, directory: source.url)
        #expect(run.status == 75 && run.err.contains("standard output cannot be written"), "\(run)")
    }

    @Test func `a file size limit does not kill the process`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployedThenChanged()
        let run = try await TestSupport.run(
            "/bin/sh",
            ["-c", "(ulimit -f 0; \"$0\" push me/demo --no-wait 2>&1; echo \"exit $?\") | cat", Binary.path],
            environment: scene.environment, directory: source.url)
        #expect(run.out.contains("exit 75") && run.out.contains("ulimit -f"), "\(run)")
        let next = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(next.status == 0, "\(next)")
    }
}
