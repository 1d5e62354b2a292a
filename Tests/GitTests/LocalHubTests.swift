import Foundation
import Git
import HTTP
import LocalHub
import TestSupport
import Testing

@testable import SpacesModel

/// A Space on the local Hub.
private struct HubScene {
    let folder: GitFolder
    let hub: HubServer
    let client: HTTPClient
    let cache: Cache

    static func run(
        _ set: (inout HubOptions) -> Void = { _ in }, _ body: (HubScene) async throws -> Void
    ) async throws {
        let folder = try GitFolder()
        var options = HubOptions(root: URL(fileURLWithPath: folder.path + "/hub"))
        set(&options)
        let hub = try await HubServer.start(options)
        var client = HTTPClientOptions()
        client.retries = 0
        let scene = HubScene(
            folder: folder, hub: hub, client: HTTPClient(client), cache: Cache(at: folder.path + "/cache"))
        do {
            try await scene.create()
            try await body(scene)
            await hub.stop()
        } catch {
            await hub.stop()
            throw error
        }
    }

    private func create() async throws {
        let order = #"{"type":"space","name":"app","sdk":"docker","private":true}"#
        let made = try await client.send(
            HTTPClientRequest(
                "POST", hub.url.appendingPathComponent("api/repos/create"),
                headers: ["Content-Type": "application/json"], body: .bytes(Data(order.utf8)),
                authorization: Secret("hf_me").map { .bearer($0) }))
        #expect(made.isSuccess, "\(made.text)")
    }

    var remote: URL { hub.url.appendingPathComponent("spaces/me/app") }

    func space(
        _ store: ObjectStore, token: String? = "hf_me", at url: URL? = nil, isWritable: Bool = true,
        meter: TrafficCounter? = nil
    ) -> GitSpace {
        GitSpace(
            at: url ?? remote, named: "me/app", store: store, client: client,
            authorization: token.flatMap { Secret($0) }.map { .basic(user: "user", password: $0) },
            meter: meter,
            isWritable: isWritable, cache: cache)
    }

    func store() async throws -> ObjectStore { try await cache.store(for: remote.absoluteString) }

    func push(_ name: Path, _ bytes: [UInt8], meter: TrafficCounter? = nil) async throws -> PushReceipt {
        let store = try await store()
        let space = space(store, meter: meter)
        let head = try #require(try await space.fetchHead(of: "main").head)
        let entries = try await store.entries(of: head.tree).filter { $0.name != name }
        try await space.fetchBlobs(entries.filter { $0.name == "README.md" }.map(\.id))
        let blob = try await store.write(blob: bytes)
        let tree = try await store.write(tree: entries + [TreeEntry(name: name, kind: .file, id: blob)])
        let who = Signature(name: "Ada", email: "ada@example.org", time: 1_800_000_000)
        let commit = try await store.write(
            commit: CommitDraft(
                tree: tree, parents: [head.id], author: who, committer: who, message: "deploy\n"))
        return try await space.push(
            commit, with: [PackObject(tree), PackObject(blob)], to: "main", expecting: head.id)
    }
}

@Suite struct `The local Hub over the wire` {
    @Test(arguments: [true, false])
    func `a deploy succeeds with and without partial fetches`(_ isPartial: Bool) async throws {
        try await HubScene.run({ $0.offersPartialFetches = isPartial }) { scene in
            let cold = TrafficCounter()
            guard
                case .accepted = try await scene.push("Dockerfile", Array("FROM scratch\n".utf8), meter: cold)
            else {
                Issue.record("not accepted")
                return
            }
            if isPartial { #expect(cold.requests <= 4) }
            let warm = TrafficCounter()
            guard case .accepted = try await scene.push("b", Array("2\n".utf8), meter: warm) else {
                Issue.record("not accepted")
                return
            }
            #expect(warm.requests == 2)
        }
    }

    @Test func `a push of a binary file is refused with the Hub's message`() async throws {
        try await HubScene.run { scene in
            guard case .refused(let status, let lines) = try await scene.push("a.png", [0x89, 0, 1, 2]) else {
                Issue.record("not refused")
                return
            }
            #expect(status == "pre-receive hook declined")
            #expect(lines.contains { $0.contains("contains binary files") })
            #expect(lines.contains { $0.contains("a.png") })
        }
    }

    @Test(
        arguments: [
            ("hf_wrong", true), ("hf_read", true), (nil, true), (nil, false),
        ] as [(String?, Bool)])
    func `insufficient access is an error with a hint`(_ token: String?, _ isWritable: Bool) async throws {
        try await HubScene.run { scene in
            let store = try await scene.store()
            let space = scene.space(store, token: token, isWritable: isWritable)
            let failure = await #expect(throws: DeployError.self) { try await space.fetchHead(of: "main") }
            #expect(failure?.kind == .permissionDenied, "\(String(describing: failure))")
            #expect(failure?.hint != nil)
        }
    }

    @Test func `a Space that does not exist is reported as missing`() async throws {
        try await HubScene.run { scene in
            let url = scene.hub.url.appendingPathComponent("spaces/me/nothing")
            let space = scene.space(try await scene.store(), at: url)
            let failure = await #expect(throws: DeployError.self) { try await space.fetchHead(of: "main") }
            #expect(failure?.kind == .refused)
            #expect(failure?.cause == .spaceMissing)
        }
    }

    @Test func `after concurrent deploys the Space and the cache are consistent`() async throws {
        try await HubScene.run { scene in
            let receipts = try await withThrowingTaskGroup(of: PushReceipt.self) { group in
                for number in 0..<6 {
                    group.addTask { try await scene.push(Path("f\(number)"), Array("\(number)\n".utf8)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let accepted = receipts.filter { if case .accepted = $0 { true } else { false } }
            #expect(!accepted.isEmpty)
            #expect(receipts.allSatisfy { if case .refused = $0 { false } else { true } }, "\(receipts)")
            guard case .accepted = try await scene.push("last", [65]) else {
                Issue.record("not accepted")
                return
            }
        }
    }
}

@Suite struct `A large push` {
    @Test func `a pack too large for memory is spooled to a file and accepted`() async throws {
        try await HubScene.run { scene in
            var generator = SeededGenerator(state: 1)
            let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789\n".utf8)
            let text = (0..<7_000_000).map { _ in letters[Int(truncatingIfNeeded: generator.next() % 37)] }
            guard case .accepted = try await scene.push("large.txt", text) else {
                Issue.record("not accepted")
                return
            }
        }
    }
}
