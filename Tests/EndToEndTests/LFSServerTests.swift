import Foundation
import TestSupport
import Testing

/// Sources with LFS pointers whose objects are on a server.
@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct LFSServerTests {
    private let model = Data.noise(6_000_000, 4)

    /// A source whose objects are only on the server, with the server's token in the user's settings.
    private func prepared(
        _ scene: Scene, adding files: (LFSOrigin) -> [String: String] = { _ in [:] }
    ) async throws -> (Repository, LFSOrigin) {
        let origin = try await LFSOrigin.start(in: scene)
        let source = try await scene.pointerSource(["model.bin": model])
        let added = files(origin)
        if !added.isEmpty { try await source.commit(added, "More") }
        try await origin.take(source)
        try origin.allow(in: scene)
        try FileManager.default.removeItem(at: source.url.appending(path: ".git/lfs/objects"))
        return (source, origin)
    }

    private func expectDeployed(_ scene: Scene, _ pushed: Finished, from origin: LFSOrigin) async throws {
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
        let (here, there) = (try await scene.asked(), try await origin.asked())
        #expect(here.puts.count == 1, "\(here)")
        #expect(there.linked.allSatisfy { $0.method == "GET" && $0.status < 300 } && !there.linked.isEmpty)
        #expect((here.linked + there.linked).allSatisfy { $0.authorization == nil }, "\(here)\n\(there)")
        #expect(there.batches.allSatisfy { $0.authorization == "Basic" && $0.status == 200 }, "\(there)")
        #expect(!(pushed.out + pushed.err).contains(LFSOrigin.token))
        let left = try FileManager.default.subpathsOfDirectory(atPath: scene.folder.path + "/home")
        #expect(left.filter { $0.contains("lfs-") && !$0.hasSuffix("lfs-pointers") } == [])
    }

    @Test func `objects of a remote source come from its own server, with its own token`() async throws {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene)
        let pushed = try await scene.push(source, "--source", origin.remote, "--branch", "main")
        try await expectDeployed(scene, pushed, from: origin)
    }

    @Test func `the LFS server in the repository's configuration is used`() async throws {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene)
        try await source.git("config", "lfs.url", origin.lfs)
        try await expectDeployed(scene, try await scene.push(source), from: origin)
    }

    @Test func `objects are requested in batches of a hundred, and each is fetched once`() async throws {
        let scene = try await Scene()
        let origin = try await LFSOrigin.start(in: scene)
        let names = (0..<130).map { "objects/\($0).bin" }
        let objects = names.enumerated().map { ($1, Data.noise(300, UInt64($0) + 50)) }
        let source = try await scene.pointerSource(Dictionary(objects) { first, _ in first })
        try await origin.take(source)
        try origin.allow(in: scene)
        // A push that creates the Space would plan twice.
        try await scene.makeSpace()
        let pushed = try await scene.push(source, "--source", origin.remote, "--branch", "main", "--json")
        #expect(pushed.status == 0 && pushed.events("uploaded").count == 130, "\(pushed)")
        let there = try await origin.asked()
        #expect(there.batches.count == 2 && there.linked.count == 130, "\(there)")
        let here = try await scene.asked()
        // The first batches find out which objects the Hub lacks and must be fetched.
        #expect(here.batches.count == 2 && here.puts.count == 130, "\(here)")
        #expect(try scene.objects().count == 130)
    }

    @Test func `the remote's own LFS server is the default`() async throws {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene)
        try await source.git("remote", "add", "upstream", origin.remote)
        try await expectDeployed(scene, try await scene.push(source), from: origin)
    }

    @Test func `the LFS server in .lfsconfig is used if the settings name its host`()
        async throws
    {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene) { [".lfsconfig": "[lfs]\n\turl = \($0.lfs)\n"] }
        try await expectDeployed(scene, try await scene.push(source), from: origin)
        #expect(try await !scene.clone("me/demo", as: "plain").paths().contains(".lfsconfig"))
    }

    @Test func `a .lfsconfig that points to a private network address is not followed`() async throws {
        let scene = try await Scene()
        let inner = try ScriptedServer([.request, answer("200 OK"), .close])
        let url = inner.url("/lfs").absoluteString
        let (source, origin) = try await prepared(scene) { _ in [".lfsconfig": "[lfs]\n\turl = \(url)\n"] }
        let pushed = try await scene.push(source, "--source", origin.remote, "--branch", "main")
        #expect(pushed.status == 6, "\(pushed)")
        #expect(pushed.err.contains("model.bin") && pushed.err.contains("not contacted"), "\(pushed)")
        #expect(inner.connections.isEmpty)
        #expect(try await scene.asked().writes.isEmpty && scene.objects().isEmpty)
    }

    /// The settings name the server's host, but not the host in its download link.
    @Test func `a download link from the .lfsconfig server to a private address is not followed`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": model])
        let oid = try await source.oid(of: "model.bin")
        let inner = try ScriptedServer([.request, answer("200 OK"), .close])
        let link = #"{"href":"\#(inner.url("/x").absoluteString)"}"#
        let reply = #"{"objects":[{"oid":"\#(oid)","actions":{"download":\#(link)}}]}"#
        let outer = try ScriptedServer([.request, answer("200 OK", [], reply), .close])
        let url = outer.url("/lfs").absoluteString
        try scene.folder.write(
            "home/.config/spacesync/config",
            "[source \"\(outer.url("").absoluteString)\"]\n\ttoken = env:NONE\n")
        try await source.commit([".lfsconfig": "[lfs]\n\turl = \(url)\n"], "Server")
        try FileManager.default.removeItem(at: source.url.appending(path: ".git/lfs/objects"))
        let pushed = try await scene.push(source, changing: ["NONE": "heron-at-three"])
        #expect(pushed.status == 4, "\(pushed)")
        #expect(pushed.err.contains("model.bin: ") && pushed.err.contains("not contacted"), "\(pushed)")
        #expect(!outer.connections.isEmpty && inner.connections.isEmpty)
        #expect(try await scene.asked().puts.isEmpty)
    }

    @Test func `without its token the LFS server's refusal is reported, and nothing is sent`() async throws {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene)
        try await source.git("config", "lfs.url", origin.lfs)
        try FileManager.default.removeItem(atPath: scene.folder.path + "/home/.config/spacesync/config")
        let pushed = try await scene.push(source)
        #expect(pushed.status == 5 || pushed.status == 6, "\(pushed)")
        #expect(pushed.err.contains("model.bin") && pushed.err.contains(origin.host), "\(pushed)")
        #expect(!pushed.err.contains(Scene.token))
        #expect(try await scene.asked().writes.isEmpty)
    }

    @Test(arguments: [
        #"{"path":"/_lfs/","method":"GET","after_bytes":1000000,"times":2}"#,
        #"{"path":"/_lfs/","method":"GET","status":503,"headers":{"Retry-After":"1"},"body":"busy"}"#,
        #"{"path":"/_lfs/","method":"GET","status":403,"body":"over"}"#,
    ])
    func `an interrupted download, or one with an expired link, is resumed`(fault: String) async throws {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene)
        try await source.git("config", "lfs.url", origin.lfs)
        try await origin.hub.fault(fault)
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
        let gets = try await origin.gets()
        #expect(gets.map(\.response_bytes).reduce(0, +) < 7_000_000, "none of it came twice: \(gets)")
    }

    @Test func `an object that arrives damaged is not stored on the Space`() async throws {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene)
        try await source.git("config", "lfs.url", origin.lfs)
        let oid = try await source.oid(of: "model.bin")
        var damaged = model
        damaged[3_000_000] ^= 1
        try damaged.write(to: origin.object(oid))
        try await scene.makeSpace()
        let head = try await scene.headOfSpace()
        let pushed = try await scene.push(source)
        #expect(pushed.status == 4, "\(pushed)")
        #expect(pushed.err.contains("model.bin: the download from \(origin.host) is damaged"), "\(pushed)")
        #expect(try await scene.headOfSpace() == head && scene.objects().isEmpty)
        #expect(try await scene.asked().puts.isEmpty, "not one byte of it")
        try model.write(to: origin.object(oid))
        let fixed = try await scene.push(source)
        #expect(fixed.status == 0, "\(fixed)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
    }

    /// Cache and temporary directory on a file system of 8 MB, in a separate mount namespace.
    @Test(.enabled(if: Peer.unshare.isWanted, Comment(rawValue: Peer.unshare.word)))
    func `a full disk is reported with directory and sizes, and nothing is partially deployed`() async throws
    {
        let scene = try await Scene()
        let (source, origin) = try await prepared(scene)
        try await source.git("config", "lfs.url", origin.lfs)
        try await scene.makeSpace()
        let head = try await scene.headOfSpace()
        let cache = scene.folder.path + "/home/.cache/spacesync"
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        let script = """
            mount -t tmpfs -o size=8m tmpfs "$0" && "$@"; status=$?
            find "$0" -name 'lfs-*' ! -name lfs-pointers; exit $status
            """
        let full = try await run(
            try Peer.unshare.found(),
            ["-rm", "/bin/sh", "-c", script, cache, Binary.path, "push", "me/demo", "--no-wait"],
            environment: scene.environment.merging(["TMPDIR": cache]) { $1 }, directory: source.url)
        #expect(full.status == 75, "\(full)")
        #expect(full.err.contains("not enough disk space: \(cache)"), "\(full)")
        #expect(full.err.contains("model.bin") && full.err.contains("MiB are needed"), "\(full)")
        #expect(full.out == "", "nothing is left: \(full)")
        #expect(try await scene.headOfSpace() == head && scene.objects().isEmpty)
        let roomy = try await scene.push(source)
        #expect(roomy.status == 0, "\(roomy)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
    }
}
