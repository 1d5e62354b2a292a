import Foundation
import TestSupport
import Testing

/// Malicious files of a source that try to send the operator's credentials to another server.
@Suite(
    .enabled(if: Peer.nginx.isWanted, Comment(rawValue: Peer.nginx.word)),
    .enabled(if: Peer.unshare.isWanted, Comment(rawValue: Peer.unshare.word)),
    .enabled(if: Peer.openssl.isWanted, Comment(rawValue: Peer.openssl.word)),
    .enabled(if: Peer.ip.isWanted, Comment(rawValue: Peer.ip.word)))
struct TokenTheftTests {
    private static let gitHub = ["swan", "lake", "at", "dusk"].joined(separator: "-")
    private static let pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "ab", count: 32))\nsize 12345\n"

    private func expectSafe(
        _ network: HostileNetwork, _ run: (finished: Finished, seen: [HostileNetwork.Seen])
    ) throws {
        let stolen = run.seen.filter {
            $0.host == "evil.test" && $0.authorization != "-" && !$0.authorization.isEmpty
        }
        #expect(stolen.isEmpty, "\(stolen)\n\(run.finished)")
        #expect(!(run.finished.out + run.finished.err).contains(Self.gitHub))
        let files = try FileManager.default.subpathsOfDirectory(atPath: network.folder.path)
        for name in files where name != "home/.credentials" {
            let bytes = (try? Data(contentsOf: network.folder.url.appending(path: name))) ?? Data()
            #expect(bytes.range(of: Data(Self.gitHub.utf8)) == nil, "\(name)")
        }
    }

    @Test func `the test network records what is sent: a token for github.com arrives there`() async throws {
        let network = try await HostileNetwork()
        let source = try await network.source([:])
        let run = try await network.spacesync(
            ["plan", "me/demo", "--source", "https://github.com/x/y"], in: source.url,
            changing: ["GITHUB_TOKEN": Self.gitHub])
        #expect(
            run.seen.contains { $0.host == "github.com" && $0.authorization.hasSuffix(":" + Self.gitHub) },
            "\(run)")
    }

    @Test(arguments: [
        "https://evil.test?@github.com/x", "https://evil.test#@github.com/x",
        "https://evil.test/@github.com/x",
        "https://github.com@evil.test/x", "https://evil.test\\@github.com/x", "https://evil.test/x",
    ])
    func `no URL in .lfsconfig gets the token for another host`(url: String) async throws {
        let network = try await HostileNetwork()
        let quoted = url.replacing("\\", with: "\\\\")
        let source = try await network.source([
            ".lfsconfig": "[lfs]\n\turl = \"\(quoted)\"\n", "model.bin": Self.pointer,
            ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
        ])
        let run = try await network.spacesync(
            ["push", "me/demo", "--create", "--no-wait"], in: source.url,
            changing: ["GITHUB_TOKEN": Self.gitHub])
        #expect([4, 5, 6].contains(run.finished.status), "\(run)")
        try expectSafe(network, run)
    }

    @Test(arguments: [
        "https://evil.test#@github.com/x", "https://evil.test?@github.com/x",
        "https://github.com@evil.test/x",
        "https://evil.test/%0aprotocol=https%0ahost=github.com", "https://evil.test/@github.com/x",
    ])
    func `no source in .spacesync gets the token or the stored password for another host`(url: String)
        async throws
    {
        let network = try await HostileNetwork()
        try network.folder.write("home/.credentials", "https://ada:\(Self.gitHub)@github.com\n")
        try network.folder.write(
            "home/.gitconfig",
            "[credential]\n\thelper = store --file=\(network.folder.path)/home/.credentials\n")
        let source = try await network.source([
            ".spacesync": "[space \"me/demo\"]\n\tsource = \"\(url)\"\n"
        ])
        for variables in [["GITHUB_TOKEN": Self.gitHub], [:]] {
            let run = try await network.spacesync(
                ["push", "me/demo", "--create", "--no-wait"], in: source.url, changing: variables)
            #expect(run.finished.status == 3, "\(run)")
            #expect(run.seen.isEmpty, "\(run)")
            try expectSafe(network, run)
        }
    }

    @Test func `a URL cannot inject lines into a credential helper's request`() async throws {
        let network = try await HostileNetwork()
        try network.folder.write("home/.credentials", "https://ada:\(Self.gitHub)@github.com\n")
        try network.folder.write(
            "home/.gitconfig",
            "[credential]\n\thelper = store --file=\(network.folder.path)/home/.credentials\n")
        let source = try await network.source([:])
        for url in ["https://evil.test/%0aprotocol=https%0ahost=github.com", "https://evil.test/x"] {
            let run = try await network.spacesync(
                ["push", "me/demo", "--create", "--no-wait", "--source", url], in: source.url)
            #expect([2, 4, 5].contains(run.finished.status), "\(run)")
            try expectSafe(network, run)
        }
    }

    @Test func `another port or scheme is another origin`() async throws {
        let network = try await HostileNetwork()
        let source = try await network.source([:])
        try network.folder.write(
            "home/.config/spacesync/config", "[source \"https://evil.test\"]\n\ttoken = env:OWN\n")
        for url in ["https://github.com:8443/x", "http://github.com/x", "https://evil.test:8443/x"] {
            let run = try await network.spacesync(
                ["plan", "me/demo", "--source", url], in: source.url,
                changing: ["GITHUB_TOKEN": Self.gitHub, "OWN": Self.gitHub])
            #expect(run.finished.status != 0, "\(run)")
            #expect(run.seen.allSatisfy { !$0.authorization.contains(Self.gitHub) }, "\(run)")
        }
    }
}
