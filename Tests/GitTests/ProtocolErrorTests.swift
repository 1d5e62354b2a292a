import Foundation
import Git
import HTTP
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `A server that answers otherwise` {
    private func failure(_ status: Int, _ type: String, _ text: String, isWritable: Bool = true) async throws
        -> DeployError
    {
        let scene = try await SpaceScene()
        scene.backend.answer { _ in .text(status: status, type: type, text) }
        return try await scene.backend.serving {
            let store = try await scene.store()
            let failure = await #expect(throws: DeployError.self) {
                try await scene.space(store, isWritable: isWritable).fetchHead(of: "main")
            }
            return try #require(failure)
        }
    }

    @Test func `an invalid token is a permission error with the server's message`() async throws {
        let failure = try await failure(401, "text/plain", "Invalid username or password.")
        #expect(failure.kind == .permissionDenied)
        #expect(failure.message.contains("rejected the token for me/space"))
        #expect(failure.details == ["Invalid username or password."])
        #expect(!"\(failure)".contains("hf_none"))
    }

    @Test func `a read-only token is a permission error that asks for write access`() async throws {
        let words = "Authorization error.\nSorry, you don't have write access to this repository."
        let failure = try await failure(403, "text/plain", words)
        #expect(failure.kind == .permissionDenied)
        #expect(failure.message.hasPrefix("this token has no permission to write to Space me/space"))
        #expect(failure.details.count == 2)
        #expect(failure.hint?.contains("write access") == true)
    }

    @Test func `a missing Space is an error with the server's message`() async throws {
        let failure = try await failure(404, "application/json", #"{"error":"Repository not found"}"#)
        #expect(failure.kind == .refused)
        #expect(failure.message.contains("Space me/space does not exist at"))
        #expect(failure.details == ["Repository not found"])
    }

    @Test(arguments: [200, 404, 503]) func `a web page is not shown`(_ status: Int) async throws {
        let failure = try await failure(status, "text/html", "<!doctype html><p>Sign in, please</p>")
        #expect(!"\(failure)".contains("Sign in"))
        #expect(!failure.message.isEmpty)
    }

    @Test(arguments: [429, 500, 503])
    func `a server outage is a temporary error`(_ status: Int) async throws {
        let failure = try await failure(status, "text/plain", "busy", isWritable: false)
        #expect(failure.kind == .tryLater)
        #expect(failure.details == ["busy"])
    }

    @Test func `an unreachable server is a temporary error`() async throws {
        let scene = try await SpaceScene()
        let space = GitSpace(
            at: try #require(URL(string: "http://127.0.0.1:1/x")), named: "me/space",
            store: try await scene.store(),
            client: scene.client, isWritable: true)
        let failure = await #expect(throws: DeployError.self) { try await space.fetchHead(of: "main") }
        #expect(failure?.kind == .tryLater)
    }

    @Test func `a truncated pack is a temporary error`() async throws {
        let scene = try await SpaceScene()
        scene.backend.answer { $0.route == "git-upload-pack" ? .cut(after: 400) : .git }
        try await scene.backend.serving {
            let failure = await #expect(throws: DeployError.self) {
                try await scene.space(try await scene.store()).fetchHead(of: "main")
            }
            #expect(failure?.kind == .tryLater)
        }
    }

    @Test func `a server without filters is fetched without one, and this is cached`() async throws {
        let scene = try await SpaceScene()
        try await scene.folder.git("-C", "space", "config", "uploadpack.allowFilter", "false")
        try await scene.backend.serving {
            let store = try await scene.store()
            let head = try #require(try await scene.space(store).fetchHead(of: "main").head)
            #expect(try await scene.head() == head.id.description)
            #expect(scene.backend.asked.count == 3)
            scene.backend.forget()
            let fresh = try await scene.cache.store(for: "https://example.org/another")
            _ = try await scene.space(fresh).fetchHead(of: "main")
            #expect(scene.backend.asked.count == 2)
        }
    }

    @Test func `without support for single blobs the whole commit is fetched`() async throws {
        let scene = try await SpaceScene()
        scene.backend.answer { asked in
            let isBlob =
                asked.route == "git-upload-pack"
                && !String(decoding: asked.body, as: UTF8.self).contains("deepen")
            return isBlob ? .text(status: 200, type: "application/x-git-upload-pack-result", "") : .git
        }
        try await scene.backend.serving {
            let store = try await scene.store()
            let space = scene.space(store)
            let head = try #require(try await space.fetchHead(of: "main").head)
            let readme = try #require(try await store.entries(of: head.tree).first { $0.name == "README.md" })
            try await space.fetchBlobs([readme.id])
            #expect(try await store.content(of: readme.id) == Array("# Space\n".utf8))
        }
    }

    @Test func `an ERR line of the server is a detail of the error`() async throws {
        let scene = try await SpaceScene()
        scene.backend.answer { asked in
            asked.route == "git-upload-pack"
                ? .text(
                    status: 200, type: "application/x-git-upload-pack-result", "0017ERR storage is down\n")
                : .git
        }
        try await scene.backend.serving {
            let failure = await #expect(throws: DeployError.self) {
                try await scene.space(try await scene.store()).fetchHead(of: "main")
            }
            #expect(failure?.details == ["storage is down"])
        }
    }
}

@Suite struct `A cache that is damaged` {
    @Test(arguments: ["pack", "idx"])
    func `a corrupt pack or index is replaced without an error`(_ part: String) async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            _ = try await scene.space(try await scene.store()).fetchHead(of: "main")
            let files = try #require(FileManager.default.enumerator(atPath: scene.cache.path))
            for case let name as String in files where name.hasSuffix("." + part) {
                let path = scene.cache.path + "/" + name
                var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                let middle = bytes.count / 2
                for index in middle..<min(middle + 40, bytes.count) { bytes[index] ^= 0x5A }
                _ = chmod(path, 0o600)
                try bytes.write(to: URL(fileURLWithPath: path))
            }
            let store = try await scene.store()
            let head = try #require(try await scene.space(store).fetchHead(of: "main").head)
            #expect(try await store.entries(of: head.tree).map(\.name).contains("README.md"))
        }
    }

    @Test func `a cache with too many packs is rebuilt`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            _ = try await scene.space(try await scene.store()).fetchHead(of: "main")
            let names = try FileManager.default.contentsOfDirectory(atPath: scene.cache.path)
            let name = try #require(names.first { $0.contains("space") && !$0.hasSuffix(".lock") })
            for number in 0..<25 {
                try scene.folder.write("x", to: "cache/\(name)/objects/pack/pack-\(number).pack")
            }
            _ = try await scene.space(try await scene.store()).fetchHead(of: "main")
            let packs = try FileManager.default.contentsOfDirectory(
                atPath: scene.cache.path + "/\(name)/objects/pack")
            #expect(packs.count == 2)
        }
    }

    @Test func `an incomplete pack of a killed process is ignored`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            _ = try await scene.space(try await scene.store()).fetchHead(of: "main")
            let packs = try #require(
                FileManager.default.enumerator(atPath: scene.cache.path)?.compactMap { $0 as? String }
                    .first { $0.hasSuffix(".pack") })
            let path = scene.cache.path + "/" + packs
            // A pack with the name libgit2 uses while it writes, and an index without a pack.
            try FileManager.default.copyItem(atPath: path, toPath: path + "_ab12cd")
            try FileManager.default.removeItem(atPath: path)
            let head = try await scene.space(try await scene.store()).fetchHead(of: "main").head
            #expect(try await head?.id.description == scene.head())
        }
    }
}
