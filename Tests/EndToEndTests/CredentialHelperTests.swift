import Foundation
import TestSupport
import Testing

/// End-to-end tests of tokens from Git's credential helper.
struct CredentialHelperTests {
    /// Configures Git's `store` helper with these addresses.
    private func remember(_ lines: [String], in scene: Scene) throws {
        let file = scene.folder.path + "/credentials"
        try scene.folder.write("credentials", lines.joined(separator: "\n") + "\n")
        try use("store --file=\(file)", in: scene)
    }

    /// Sets the helper in the user's global Git configuration.
    private func use(_ helper: String, in scene: Scene) throws {
        try scene.folder.write("home/.gitconfig", "[credential]\n\thelper = \"\(helper)\"\n")
    }

    private func address(_ url: String, _ token: String) -> String {
        url.replacing("http://", with: "http://ada:\(token)@")
    }

    @Test func `a Hub token from Git's credential helper is used if there is no other token`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let none = try await scene.push(source, changing: ["HF_TOKEN": nil])
        #expect(none.status == 5 && none.err.contains("credential helper"), "\(none)")
        try remember([address(scene.hub.url, Scene.token)], in: scene)
        let pushed = try await scene.push(source, changing: ["HF_TOKEN": nil])
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.err.contains("token: Git's credential helper"), "\(pushed)")
        let named = try await scene.push(source)
        #expect(named.err.contains("token: HF_TOKEN"), "\(named)")
        #expect(!(pushed.out + pushed.err).contains(Scene.token))
    }

    @Test func `a private source is read with the credentials that Git has for its host`() async throws {
        let scene = try await Scene()
        let origin = try await LFSOrigin.start(in: scene)
        let work = try await scene.source(named: "work")
        try await work.git(
            "push", "-q", "--force", address(origin.remote, LFSOrigin.token), "HEAD:main")
        let words = ["push", "me/demo", "--create", "--no-wait", "--source", origin.remote]
        let refused = try await scene.spacesync(words)
        #expect(refused.status == 5, "\(refused)")
        try remember([address(origin.hub.url, LFSOrigin.token)], in: scene)
        let pushed = try await scene.spacesync(words)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(!(pushed.out + pushed.err).contains(LFSOrigin.token))
    }

    @Test func `a credential helper that returns nothing, fails or is missing is ignored`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for helper in ["", "!false", "!echo nonsense", "not-there", "!sleep 600"] {
            try use(helper, in: scene)
            let none = try await scene.push(source, changing: ["HF_TOKEN": nil])
            #expect(none.status == 5 && none.err.contains("no Hub token found to push"), "\(helper): \(none)")
        }
    }
}
