import Testing

@testable import DeploySettings
@testable import SpacesModel

struct SettingsTests {
    private func target(_ layers: [ConfigLayer], named: [SpaceID] = []) throws -> Target {
        let settings = Settings(layers: layers, named: named)
        #expect(settings.errors.isEmpty)
        return try #require(settings.targets.first)
    }

    @Test func `a Space named on the command line needs no section`() throws {
        let space = try #require(SpaceID("me/demo"))
        let target = try target([flag("branch", "webai2hf:main")], named: [space])
        #expect(target.space == space)
        #expect(target.revision == "webai2hf")
        #expect(target.spaceBranch == "main")
        #expect(target.timeout == .seconds(1200))
    }

    @Test func `later files take precedence, lists accumulate, and an empty value clears a list`() throws {
        let target = try target([
            file("user", entries("space", nil, ["exclude": "a", "timeout": "5m"])),
            file("user", entries("space", "me/demo", ["exclude": "b", "root": "app"])),
            file("config", entries("space", "me/demo", ["exclude": "c", "root": "web/"])),
        ])
        #expect(target.exclude == ["a", "b", "c"])
        #expect(target.root == "web")
        #expect(target.timeout == .seconds(300))
        let cleared = try self.target([
            file("user", entries("space", nil, ["exclude": "a"])),
            file("user", entries("space", "me/demo", ["exclude": "", "keep": "data/"])),
        ])
        #expect(cleared.exclude.isEmpty)
        #expect(cleared.keep == ["data/"])
    }

    @Test func `flags replace lists instead of adding to them`() throws {
        let target = try target([
            file("user", entries("space", "me/demo", ["exclude": "a"])), flag("exclude", "x"),
            flag("exclude", "y"),
        ])
        #expect(target.exclude == ["x", "y"])
    }

    @Test func `all errors are reported at once, each with file, key and value`() {
        let settings = Settings(layers: [
            file(
                "user",
                entries(
                    "space", "me/demo",
                    ["brunch": "x", "sdk": "dokcer", "timeout": "soon", "map": "a:b:c", "create": "perhaps"]))
        ])
        let lines = settings.errors.map(\.description)
        #expect(lines.count == 5)
        #expect(lines.contains { $0.contains("brunch = x") && $0.contains("did you mean branch?") })
        #expect(lines.contains { $0.contains("sdk = dokcer") && $0.contains("did you mean docker?") })
        #expect(lines.allSatisfy { $0.hasPrefix("user: ") })
    }

    @Test(arguments: [TrustLevel.trusted, .ownWorkTree, .untrusted])
    func `an unknown section is an error in every file except Git's own configuration`(trustLevel: TrustLevel)
    {
        let unknownSection = entries("spce", "me/two", ["root": "x", "sdk": "docker"])
        let settings = Settings(layers: [ConfigLayer(.sourceFile(".spacesync"), trustLevel, unknownSection)])
        #expect(settings.errors.map(\.hint) == ["did you mean [space]?"], "\(settings.errors)")
        let own = Settings(layers: [ConfigLayer(.repository("x (git config)"), .trusted, unknownSection)])
        #expect(own.errors.isEmpty)
    }

    @Test(arguments: [
        ("keep", "../x"), ("exclude", "a/../b"), ("include", "!../x"), ("root", "/abs"), ("cardFile", "/x"),
    ])
    func `a path outside of the tree is an error`(key: String, value: String) {
        let settings = Settings(layers: [file("user", entries("space", "me/demo", [key: value]))])
        #expect(settings.errors.count == 1)
        #expect(settings.errors.first?.value == value)
    }

    @Test func `an invalid flag is a usage error unless a file is invalid too`() throws {
        let space = try #require(SpaceID("me/demo"))
        let flags = Settings(layers: [flag("sdk", "dokcer")], named: [space])
        let failure = SettingError.failure(flags.errors)
        #expect(failure.kind == .usage && failure.hint == "did you mean docker?")
        #expect(failure.message == "--sdk dokcer: must be one of docker, gradio, static")
        let both = Settings(
            layers: [file("user", entries("space", "me/demo", ["timeout": "x"])), flag("drift", "x")])
        #expect(SettingError.failure(both.errors).kind == .settings)
    }

    @Test func `an unknown Space gets a suggestion from the settings`() throws {
        let space = try #require(SpaceID("me/wbe"))
        let layers = [file("user", entries("space", "me/web", ["root": "x"]))]
        let targets = Settings(layers: layers, named: [space]).targets
        #expect(targets.map(\.suggestionHint) == ["did you mean me/web (from user)?", nil])
    }

    @Test func `one Space in two spellings is an error`() {
        let settings = Settings(layers: [
            file("a", entries("space", "me/demo", ["root": "x"])),
            file("b", entries("space", "spaces/me/demo", ["root": "y"])),
        ])
        #expect(settings.errors.count == 1)
        #expect(settings.errors.first?.description.contains("another spelling") == true)
    }

    @Test func `a key without a value is true, and every value keeps its origin`() throws {
        let target = try target([file("user", entries("space", "me/demo", ["create": nil, "root": "app"]))])
        #expect(target.create == true)
        #expect(target.resolvedSettings.map(\.key) == ["root", "create"])
        #expect(target.resolvedSettings.allSatisfy { $0.origin == .file("user") })
    }

    @Test(arguments: ["a\u{1}b", "x\ny", "\u{7F}"])
    func `a value with a control character is an error`(value: String) {
        let settings = Settings(layers: [file("user", entries("space", "me/demo", ["root": value]))])
        #expect(settings.errors.count == 1)
    }

    @Test func `a literal token is rejected and not shown`() {
        let settings = Settings(layers: [file("user", entries("account", "me", ["token": "hf_notatoken"]))])
        #expect(settings.errors.count == 1)
        #expect(settings.errors.first?.description.contains("hf_notatoken") == false)
    }

    @Test func `tokens are references to their location`() {
        let settings = Settings(layers: [
            file("user", entries("account", "Me", ["token": "env:MY_TOKEN"])),
            file("user", entries("source", "https://Git.Example.com", ["token": "env:T", "username": "u"])),
        ])
        #expect(settings.operatorSettings.accounts["me"] == .environment("MY_TOKEN"))
        let origin = URLOrigin(scheme: "https", host: "git.example.com", port: 443)
        #expect(settings.operatorSettings.sources[origin]?.username == "u")
    }

    @Test(arguments: [("no", false), ("off", false), ("0", false), ("FALSE", false), ("yes", true)])
    func `actor is a Boolean as Git reads it`(_ value: String, _ actor: Bool) {
        let settings = Settings(layers: [file("config", entries("spacesync", nil, ["actor": value]))])
        #expect(settings.errors == [] && settings.operatorSettings.actor == actor)
    }

    @Test func `another value of actor is an error`() {
        let settings = Settings(layers: [file("config", entries("spacesync", nil, ["actor": "nobody"]))])
        #expect(settings.errors.count == 1)
    }
}
