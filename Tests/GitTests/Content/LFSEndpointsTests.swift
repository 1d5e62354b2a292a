import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// Tests that compare LFS servers and object directories with `git lfs env`.
@Suite struct LFSEndpointsTests {
    @Test(arguments: [
        ("https://h.org/me/app", "https://h.org/me/app.git/info/lfs"),
        ("https://h.org/me/app.git", "https://h.org/me/app.git/info/lfs"),
        ("https://h.org/me/app/", "https://h.org/me/app.git/info/lfs"),
        ("https://h.org/me/app.git/", "https://h.org/me/app.git/info/lfs"),
        ("http://u@127.0.0.1:8080/me/app", "http://u@127.0.0.1:8080/me/app.git/info/lfs"),
        ("ssh://git@h.org:22/me/app.git", "https://h.org/me/app.git/info/lfs"),
        ("git+ssh://h.org/me/app", "https://h.org/me/app.git/info/lfs"),
        ("git@h.org:me/app.git", "https://h.org/me/app.git/info/lfs"),
        ("h.org:me/app", "https://h.org/me/app.git/info/lfs"),
        ("git://h.org/me/app", "https://h.org/me/app.git/info/lfs"),
        ("SSH://git@h.org/me/app", "https://h.org/me/app.git/info/lfs"),
    ])
    func `the LFS server of a remote is the same as in git-lfs`(remote: String, server: String) async throws {
        #expect(LFSEndpoints.server(ofRemote: remote)?.absoluteString == server)
        // git-lfs only recognizes schemes in lower case.
        guard Peer.gitLFS.isWanted, !remote.hasPrefix("SSH") else { return }
        let folder = try await GitFolder.repository()
        try await folder.git("remote", "add", "origin", remote)
        #expect(try await endpoint(folder) == server)
    }

    @Test(arguments: ["/srv/git/app.git", "../app", "file:///srv/git/app.git", "ftp://h.org/app", "app", ""])
    func `a remote that is not a server has no LFS server`(remote: String) {
        #expect(LFSEndpoints.server(ofRemote: remote) == nil)
    }

    /// Returns the endpoint that `git lfs env` reports.
    private func endpoint(_ folder: GitFolder) async throws -> String? {
        let output = try await folder.git("lfs", "env").split(separator: "\n")
        let line = output.first { $0.hasPrefix("Endpoint=") || $0.hasPrefix("Endpoint (") }
        return line.flatMap { $0.split(separator: "=", maxSplits: 1).last }
            .map { String($0.prefix { $0 != " " }) }
    }

    private func mediaDirectory(_ folder: GitFolder) async throws -> String? {
        let output = try await folder.git("lfs", "env").split(separator: "\n")
        return output.first { $0.hasPrefix("LocalMediaDir=") }.map { String($0.dropFirst(14)) }
    }

    private func endpoints(_ folder: GitFolder) async throws -> LFSEndpoints {
        let source = try await LocalSource.open(at: folder.path)
        let commit = try await source.snapshot(of: nil).commit
        return await source.lfsEndpoints(of: commit)
    }

    @Test(
        .enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)),
        arguments: [
            [["config", "remote.origin.url", "https://h.org/me/app"]],
            [
                ["config", "remote.origin.url", "https://h.org/me/app"],
                ["config", "remote.origin.lfsurl", "https://lfs.org/of/remote"],
            ],
            [
                ["config", "remote.origin.lfsurl", "https://lfs.org/of/remote"],
                ["config", "lfs.url", "https://lfs.org/all"],
            ],
            [["config", "-f", ".lfsconfig", "lfs.url", "https://lfs.org/file"]],
            [
                ["config", "-f", ".lfsconfig", "lfs.url", "https://lfs.org/file"],
                ["config", "lfs.url", "https://lfs.org/own"],
            ],
            [
                ["config", "-f", ".lfsconfig", "remote.origin.lfsurl", "https://lfs.org/file"],
                ["config", "remote.origin.url", "https://h.org/me/app"],
            ],
            [["config", "remote.upstream.url", "https://h.org/only/one"]],
            [
                ["config", "remote.origin.url", "work:me/app"],
                ["config", "url.https://h.org/.insteadOf", "work:"],
            ],
        ])
    func `the LFS server from settings is the same as in git-lfs`(settings: [[String]]) async throws {
        let folder = try await GitFolder.repository()
        for arguments in settings { try await runGit(arguments, folder) }
        try await folder.git("add", "-A")
        try await folder.git("commit", "-q", "--allow-empty", "-m", "settings")
        let expected = try await endpoint(folder)
        #expect(try await endpoints(folder).servers.first?.url.absoluteString == expected, "\(settings)")
    }

    /// `git lfs env` does not show which of several remotes is used; `config.Remote()` of git-lfs decides it.
    @Test func `the branch's remote precedes the default remote, which precedes origin`() async throws {
        let folder = try await GitFolder.repository()
        for name in ["origin", "fork", "other"] {
            try await folder.git("remote", "add", name, "https://h.org/\(name)/app")
        }
        func server() async throws -> String? {
            try await endpoints(folder).servers.first?.url.absoluteString
        }
        #expect(try await server() == "https://h.org/origin/app.git/info/lfs")
        try await folder.git("config", "remote.lfsdefault", "other")
        #expect(try await server() == "https://h.org/other/app.git/info/lfs")
        try await folder.git("config", "branch.main.remote", "fork")
        #expect(try await server() == "https://h.org/fork/app.git/info/lfs")
        try await folder.git("config", "branch.main.remote", ".")
        #expect(try await server() == "https://h.org/other/app.git/info/lfs")
    }

    private func runGit(_ arguments: [String], _ folder: GitFolder) async throws {
        switch arguments.count {
        case 3: try await folder.git(arguments[0], arguments[1], arguments[2])
        default: try await folder.git(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
        }
    }

    @Test(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
    func `the object directory is the same as in git-lfs`() async throws {
        let folder = try await GitFolder.repository()
        #expect(try await isSame(endpoints(folder).directories.first, mediaDirectory(folder)))
        try await folder.git("config", "lfs.storage", "elsewhere")
        #expect(try await isSame(endpoints(folder).directories.first, mediaDirectory(folder)))
        try await folder.git("config", "lfs.storage", folder.path + "/far")
        #expect(try await isSame(endpoints(folder).directories.first, mediaDirectory(folder)))
    }

    private func isSame(_ one: String?, _ other: String?) -> Bool {
        guard let one, let other else { return false }
        return URL(fileURLWithPath: one).standardized.resolvingSymlinksInPath().path
            == URL(fileURLWithPath: other).standardized.resolvingSymlinksInPath().path
    }

    @Test func `a server from .lfsconfig is foreign, one from the Git configuration is not`() async throws {
        let folder = try await GitFolder.repository([".lfsconfig": "[lfs]\n\turl = https://lfs.org/file\n"])
        #expect(try await endpoints(folder).servers.map(\.isForeign) == [true])
        try await folder.git("config", "lfs.url", "https://lfs.org/own")
        #expect(try await endpoints(folder).servers.map(\.isForeign) == [false])
    }

    @Test(arguments: [
        "", "[lfs", "\u{0}\u{1}", "[lfs]\n\turl\n", "[lfs]\n\turl =\n", "[include]\n\tpath = /etc/passwd\n",
        "[lfs]\n\tfetchinclude = x\n",
    ])
    func `an .lfsconfig without a server is ignored`(text: String) {
        #expect(LFSEndpoints.servers(in: Array(text.utf8), remote: "origin").servers == [])
    }

    @Test func `a local object of the wrong size is ignored`() async throws {
        let folder = try GitFolder()
        let oid = String(repeating: "ab", count: 32)
        try folder.write("12345", to: "lfs/objects/ab/ab/\(oid)")
        var endpoints = LFSEndpoints()
        endpoints.directories = [folder.path + "/absent", folder.path + "/lfs/objects"]
        let (right, wrong) = (LFSPointer(oid: oid, size: 5), LFSPointer(oid: oid, size: 6))
        #expect(endpoints.file(of: try #require(right))?.hasPrefix(folder.path) == true)
        #expect(endpoints.file(of: try #require(wrong)) == nil)
    }
}
