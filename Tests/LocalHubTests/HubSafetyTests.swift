import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

/// Tests of the local Hub's protection against web pages, other users and invalid requests.
struct HubSafetyTests {
    private func mode(_ url: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
    }

    @Test func `only its owner can enter the Hub's directory`() async throws {
        try await Rehearsal.run { hub in
            let root = hub.folder.url.appendingPathComponent("root")
            #expect(try mode(root) == 0o700)
            try await hub.create("demo")
            #expect(try mode(root.appendingPathComponent("spaces")) == 0o700)
        }
    }

    @Test func `an empty root directory becomes private, and one with other files keeps its mode`() throws {
        let folder = try TestDirectory()
        for (name, isEmpty) in [("empty", true), ("shared", false)] {
            let root = folder.url.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            if !isEmpty { try folder.write("\(name)/notes.txt", "x") }
            _ = try HubDirectory.prepare(root)
            #expect(try mode(root) == (isEmpty ? 0o700 : 0o755))
            #expect(try mode(root.appendingPathComponent("spaces")) == 0o700)
        }
    }

    @Test(arguments: ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "10.0.0.1", "127.1"])
    func `a host that is not loopback is refused on every path`(host: String) async throws {
        try await Rehearsal.run { hub in
            let port = hub.hub.url.port ?? 0
            for path in ["/api/spaces", "/_hub/requests", "/", "/spaces/me/demo/info/refs"] {
                let response = try await hub.raw(
                    "GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n\r\n")
                #expect(response.hasPrefix("HTTP/1.1 421 "), "\(path): \(response)")
            }
        }
    }

    @Test(arguments: ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "[::1]", "me-demo.localhost"])
    func `loopback hosts are accepted`(host: String) async throws {
        try await Rehearsal.run { hub in
            let response = try await hub.raw(
                "GET /_hub/requests HTTP/1.1\r\nHost: \(host):1\r\nConnection: close\r\n\r\n")
            #expect(response.hasPrefix("HTTP/1.1 200 "), "\(response)")
        }
    }

    private static let paths = [
        "../x", "a/../../x", "..", ".", "./x", "a//b", "/x", "x/", ".git/config", ".GIT/hooks/post-update",
        "a/.git/config", ".git", ".git./x", ".git /x", "git~1/config", ".git::$INDEX_ALLOCATION/x",
        ".g\u{200C}it/config", "a\\.git\\config", "a\\..\\x", "a\nb", "",
        String(repeating: "n", count: 256),
    ]

    @Test func `the commit API refuses paths outside the tree and paths reserved by Git`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let head = try await hub.ask("GET", "/api/spaces/me/demo").json["sha"].string
            let oid = String(repeating: "ab", count: 32)
            for path in Self.paths {
                let file: JSON = ["path": .string(path), "content": "x"]
                let pointer: JSON = ["path": .string(path), "algo": "sha256", "oid": .string(oid), "size": 3]
                let bodies: [JSON] = [
                    ["summary": "s", "files": [file]],
                    ["summary": "s", "files": [], "lfsFiles": [pointer]],
                ]
                for body in bodies {
                    let reply = try await hub.ask("POST", "/api/spaces/me/demo/commit/main", body)
                    #expect(reply.status == 400, "\(path.debugDescription): \(reply.text)")
                }
                let created = try await hub.ask(
                    "POST", "/api/repos/create",
                    ["name": "other", "type": "space", "sdk": "static", "files": [file]])
                #expect(created.status == 400, "\(path.debugDescription): \(created.text)")
            }
            #expect(try await hub.ask("GET", "/api/spaces/me/demo").json["sha"].string == head)
        }
    }

    @Test(arguments: ["a.git/config", ".github/x.yml", ".gitattributes", "a/..b/c", "git~2", "x\\y"])
    func `the commit API accepts names that only resemble reserved ones`(path: String) async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let body: JSON = ["summary": "s", "files": [["path": .string(path), "content": "x"]]]
            let reply = try await hub.ask("POST", "/api/spaces/me/demo/commit/main", body)
            #expect(reply.status == 200, "\(reply.text)")
        }
    }
}
