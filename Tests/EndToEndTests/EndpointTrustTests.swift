import Foundation
import TestSupport
import Testing

/// Endpoints set in a repository's configuration, and bare repositories inside a clone.
struct EndpointTrustTests {
    /// A repository whose configuration sets the endpoint; `HF_ENDPOINT` is not set.
    private func prepared(_ scene: Scene) async throws -> Repository {
        let source = try await scene.source()
        try await source.git("config", "spacesync.endpoint", scene.hub.url)
        return source
    }

    private func expectNothingSent(_ scene: Scene, _ run: Finished, _ status: Int32) async throws {
        #expect(run.status == status, "\(run)")
        let asked = try await scene.hub.asked()
        #expect(asked.allSatisfy { $0.authorization == nil }, "\(asked)\n\(run)")
    }

    @Test func `a repository's endpoint gets no token except one from the same file`() async throws {
        let scene = try await Scene()
        let source = try await prepared(scene)
        let file = scene.folder.path + "/token"
        try scene.folder.write("token", Scene.token + "\n")
        try scene.folder.write("home/.cache/huggingface/token", Scene.token + "\n")
        let helper = scene.folder.path + "/credentials"
        try scene.folder.write(
            "credentials", scene.hub.url.replacing("://", with: "://u:\(Scene.token)@") + "\n")
        try scene.folder.write("home/.gitconfig", "[credential]\n\thelper = store --file=\(helper)\n")
        let none: [String: String?] = ["HF_ENDPOINT": nil, "HF_TOKEN": nil]
        let environments: [[String: String?]] = [
            none, none.merging(["HF_TOKEN": Scene.token]) { $1 },
            none.merging(["HF_USER": "me:\(Scene.token)"]) { $1 },
            none.merging(["HF_OIDC_ID_TOKEN": Scene.token]) { $1 },
        ]
        for environment in environments {
            for words in [
                ["push", "me/demo", "--create"], ["plan", "me/demo"], ["status", "me/demo"], ["list"],
            ] {
                let run = try await scene.spacesync(words, in: source.url, changing: environment)
                try await expectNothingSent(scene, run, 5)
                #expect(run.err.contains("git config account.OWNER.token env:NAME"), "\(run)")
            }
        }
        let named = try await scene.spacesync(
            ["push", "me/demo", "--create", "--token-file", file], in: source.url, changing: none)
        try await expectNothingSent(scene, named, 5)
        try scene.folder.write(
            "home/.config/spacesync/config", "[account \"me\"]\n\ttoken = file:\(file)\n")
        let users = try await scene.spacesync("push", "me/demo", "--create", in: source.url, changing: none)
        try await expectNothingSent(scene, users, 5)
    }

    @Test func `a token from the same file is sent, but only for its own owner`() async throws {
        let scene = try await Scene()
        let source = try await prepared(scene)
        try await source.git("config", "account.me.token", "env:OWN")
        let none: [String: String?] = ["HF_ENDPOINT": nil, "OWN": Scene.token, "HF_TOKEN": "not-sent-at-all"]
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", in: source.url, changing: none)
        #expect(pushed.status == 0 && pushed.err.contains("token: OWN"), "\(pushed)")
        try await source.git("config", "account.other.token", "env:NONE")
        try await scene.hub.forget()
        let missing = try await scene.spacesync(
            "push", "somebody/demo", "--create", in: source.url,
            changing: none.merging(["NONE": "also-not-sent"]) { $1 })
        #expect(
            missing.status == 5 && missing.err.contains("git config account.somebody.token env:NAME"),
            "\(missing)")
    }

    @Test func `an endpoint chosen by the operator gets every token`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try scene.folder.write(
            "home/.config/spacesync/config", "[spacesync]\n\tendpoint = \(scene.hub.url)\n")
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", in: source.url, changing: ["HF_ENDPOINT": nil])
        #expect(pushed.status == 0, "\(pushed)")
    }

    /// A bare repository with its own endpoint and token settings, as files of a working tree.
    private func nested(_ scene: Scene, bare: String = "true") async throws -> Repository {
        let source = try await scene.source()
        let url = source.url.appending(path: "vendor/evil")
        let evil = Repository(url: url, home: scene.folder.path + "/home")
        try await source.git("clone", "-q", "--bare", source.url.path, url.path)
        for (key, value) in [
            ("spacesync.endpoint", scene.hub.url), ("account.me.token", "env:HF_TOKEN"), ("core.bare", bare),
        ] { try await evil.git("config", key, value) }
        return evil
    }

    @Test(arguments: ["true", "false"])
    func `a bare repository inside a working tree is not used as the operator's own`(bare: String)
        async throws
    {
        let scene = try await Scene()
        let evil = try await nested(scene, bare: bare)
        for directory in [evil.url, evil.url.appending(path: "objects")] {
            let run = try await scene.spacesync(
                "push", "me/demo", "--create", in: directory, changing: ["HF_ENDPOINT": nil])
            try await expectNothingSent(scene, run, 4)
            #expect(run.err.contains("--source"), "\(run)")
        }
        // Given by --source it can be read, but its configuration still is not used.
        let named = try await scene.spacesync(
            "plan", "me/demo", "--source", evil.url.path, changing: ["HF_ENDPOINT": "http://127.0.0.1:9"])
        #expect(named.err.contains("is ignored: this bare repository"), "\(named)")
    }

    @Test func `safe.bareRepository is honoured wherever Git reads it`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let bare = Repository(
            url: scene.folder.url.appending(path: "bare.git"), home: scene.folder.path + "/home")
        try await source.git("clone", "-q", "--bare", source.url.path, bare.url.path)
        let open = try await scene.spacesync("plan", "me/demo", in: bare.url)
        #expect(open.status == 0, "\(open)")
        let pairs = [
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.bareRepository",
            "GIT_CONFIG_VALUE_0": "explicit",
        ]
        let variable = try await scene.spacesync(["plan", "me/demo"], in: bare.url, changing: pairs)
        #expect(variable.status == 4 && variable.err.contains("safe.bareRepository"), "\(variable)")
        let words = ["GIT_CONFIG_PARAMETERS": "'safe.barerepository'='explicit'"]
        #expect(try await scene.spacesync(["plan", "me/demo"], in: bare.url, changing: words).status == 4)
        try scene.folder.write("home/.gitconfig", "[safe]\n\tbareRepository = explicit\n")
        #expect(try await scene.spacesync("plan", "me/demo", in: bare.url).status == 4)
        let named = try await scene.spacesync("plan", "me/demo", "--source", bare.url.path)
        #expect(named.status == 0, "\(named)")
        #expect(try await scene.spacesync("plan", "me/demo", in: source.url).status == 0)
        let dotGit = try await scene.spacesync("plan", "me/demo", in: source.url.appending(path: ".git"))
        #expect(dotGit.status == 0, "as Git does it: \(dotGit)")
    }
}
