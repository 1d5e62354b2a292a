import Testing

@testable import DeploySettings
@testable import SpacesModel
@testable import TextTools

/// Tests for the trust levels of a `.spacesync` in a source: an untrusted one may only set the
/// content of the tree (design 3, "Trust").
struct TrustTests {
    private func sourceFile(_ trustLevel: TrustLevel, _ entries: [ConfigEntry]) -> ConfigLayer {
        ConfigLayer(.sourceFile(".spacesync at 1234567"), trustLevel, entries)
    }

    @Test func `an untrusted file may configure the tree of a Space that the operator names`() throws {
        let space = try #require(SpaceID("me/demo"))
        let layer = sourceFile(
            .untrusted, entries("space", "me/demo", ["root": "app", "card": "app_port: 80"]))
        let settings = Settings(layers: [layer], named: [space])
        #expect(settings.errors.isEmpty)
        #expect(settings.targets.first?.root == "app")
    }

    @Test func `an untrusted file may not name other Spaces, and the hint shows the command that allows it`()
    {
        let layer = sourceFile(.untrusted, entries("space", "victim/space", ["root": "app"]))
        let settings = Settings(layers: [layer])
        #expect(settings.targets.isEmpty && settings.errors.isEmpty)
        let line = "git config --add spacesync.allowSpace victim/space"
        #expect(settings.rejected.first?.failure.hint?.hasSuffix(line) == true)
        let allowed = file("repo", entries("spacesync", nil, ["allowSpace": "victim/*"]))
        #expect(Settings(layers: [allowed, layer]).rejected.isEmpty)
    }

    @Test func `an untrusted file may not name a Space without its owner either`() {
        let layer = sourceFile(.untrusted, entries("space", "private", ["root": "app"]))
        let settings = Settings(layers: [layer], owner: "me")
        #expect(settings.targets.isEmpty)
        #expect(settings.rejected.map(\.space.description) == ["me/private"])
    }

    @Test func `rejected settings of one Space are reported once, and other Spaces are kept`() throws {
        let space = try #require(SpaceID("me/demo"))
        let foreign = entries("space", "me/other", ["root": "a", "include": "b", "create": "true"])
        let own = entries("space", "me/demo", ["root": "app"])
        let settings = Settings(layers: [sourceFile(.untrusted, foreign + own)], named: [space])
        #expect(settings.targets.map(\.space) == [space])
        #expect(settings.errors.isEmpty && settings.rejected.count == 1)
        let hint = try #require(settings.rejected.first?.failure.hint)
        let lines = ["spacesync.allowSpace me/other", "spacesync.trust create"]
        #expect(
            hint.split(separator: "\n").dropFirst() == lines.map { "git config --add \($0)" }[...], "\(hint)")
    }

    @Test(arguments: [("me/demo", "me/demo"), ("demo", "demo"), ("me/demo", nil)])
    func `an untrusted file does not override the operator's branch`(
        written: String, bound: String?
    ) throws {
        let space = try #require(SpaceID("me/demo"))
        let own = file("repo", entries("space", bound, ["branch": "main"]))
        let foreign = sourceFile(.untrusted, entries("space", written, ["branch": "feature", "root": "app"]))
        let settings = Settings(layers: [own, foreign], named: [space], owner: "me")
        #expect(settings.targets.map(\.revision) == ["main"])
        #expect(settings.targets.first?.root == "app" && settings.errors.isEmpty)
        #expect(
            settings.notices.count == 1 && settings.notices.first?.contains(written) == true,
            "\(settings.notices)")
    }

    @Test func `a flag and the user's own work tree may set the branch`() throws {
        let space = try #require(SpaceID("me/demo"))
        let foreign = sourceFile(.untrusted, entries("space", "me/demo", ["branch": "feature"]))
        let flagged = Settings(layers: [foreign, flag("branch", "main")], named: [space])
        #expect(flagged.notices.isEmpty)
        let own = file("repo", entries("space", "me/demo", ["branch": "main"]))
        let tree = sourceFile(.ownWorkTree, entries("space", "me/demo", ["branch": "feature"]))
        let settings = Settings(layers: [own, tree], named: [space])
        #expect(settings.notices.isEmpty)
        #expect(
            settings.targets.map(\.revision)
                == Settings(layers: [foreign], named: [space]).targets.map(\.revision))
    }

    @Test(arguments: ["source", "create", "visibility", "wake", "trace", "manual"])
    func `an untrusted file may not set operational keys`(key: String) throws {
        let space = try #require(SpaceID("me/demo"))
        let layer = sourceFile(.untrusted, entries("space", "me/demo", [key: "true"]))
        let settings = Settings(layers: [layer], named: [space])
        #expect(settings.targets.isEmpty)
        let hint = settings.rejected.first?.failure.hint
        #expect(hint?.hasSuffix("git config --add spacesync.trust \(key)") == true)
    }

    @Test func `trust allows single keys in an untrusted file`() throws {
        let space = try #require(SpaceID("me/demo"))
        let trust = file("repo", entries("spacesync", nil, ["trust": "create"]))
        let layer = sourceFile(.untrusted, entries("space", "me/demo", ["create": "true"]))
        let settings = Settings(layers: [trust, layer], named: [space])
        #expect(settings.errors.isEmpty && settings.rejected.isEmpty)
    }

    @Test(arguments: [TrustLevel.untrusted, .ownWorkTree], ["account", "source", "spacesync"])
    func `a file in a source may not set tokens or operator keys`(trustLevel: TrustLevel, section: String) {
        let layer = sourceFile(trustLevel, entries(section, "me", ["token": "env:HOME"]))
        let settings = Settings(layers: [layer])
        #expect(!settings.errors.isEmpty)
        #expect(settings.operatorSettings == OperatorSettings())
    }

    @Test func `the user's own work tree may set all other keys`() {
        let layer = sourceFile(
            .ownWorkTree, entries("space", "me/demo", ["create": "true", "source": "../x"]))
        #expect(Settings(layers: [layer]).errors.isEmpty)
    }

    @Test(arguments: [
        ("1000d", nil, "2h"), ("3h", "10m", "10m"), ("5m", "10m", "5m"), ("90s", nil, "90s"),
    ])
    func `an untrusted file can lower but not raise the operator's timeout`(
        foreign: String, operators: String?, expected: String
    ) throws {
        let space = try #require(SpaceID("me/demo"))
        let layer = sourceFile(.untrusted, entries("space", "me/demo", ["timeout": foreign]))
        let own = operators.map { file("repo", entries("space", nil, ["timeout": $0])) }
        let settings = Settings(layers: [own, layer].compactMap { $0 }, named: [space])
        #expect(settings.targets.first?.timeout == Duration(text: expected))
        let shown = settings.targets.first?.resolvedSettings.first { $0.key == "timeout" }?.value
        #expect(shown == expected)
        let trusted = Settings(
            layers: [own, ConfigLayer(.sourceFile(".spacesync"), .ownWorkTree, layer.entries)].compactMap {
                $0
            })
        #expect(trusted.targets.first?.timeout == Duration(text: foreign))
    }
}
