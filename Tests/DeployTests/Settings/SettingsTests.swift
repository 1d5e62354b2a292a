import Deploy
import Testing

/// Layers as people write them: `section.sub key=value`.
private func entries(_ section: String, _ sub: String?, _ pairs: KeyValuePairs<String, String?>)
    -> [ConfigEntry]
{
    pairs.map { ConfigEntry(section: section, subsection: sub, key: $0.key.lowercased(), value: $0.value) }
}

private func file(_ name: String, _ entries: [ConfigEntry]) -> Layer {
    Layer(.file(name), .operating, entries)
}
private func flag(_ key: String, _ value: String) -> Layer {
    Layer(.flag("--\(key)"), .operating, entries("space", nil, [key: value]))
}

struct SettingsTests {
    private func target(_ layers: [Layer], named: [SpaceID] = []) throws -> Target {
        let settings = Settings(layers: layers, named: named)
        #expect(settings.problems.isEmpty)
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

    @Test func `later files win, lists accumulate, an empty value clears`() throws {
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

    @Test func `all problems are said at once, each with file, key and value`() {
        let settings = Settings(layers: [
            file(
                "user",
                entries(
                    "space", "me/demo",
                    ["brunch": "x", "sdk": "dokcer", "timeout": "soon", "map": "a:b:c", "create": "perhaps"]))
        ])
        let lines = settings.problems.map(\.description)
        #expect(lines.count == 5)
        #expect(lines.contains { $0.contains("brunch = x") && $0.contains("did you mean branch?") })
        #expect(lines.contains { $0.contains("sdk = dokcer") && $0.contains("did you mean docker?") })
        #expect(lines.allSatisfy { $0.hasPrefix("user: ") })
    }

    @Test(arguments: [Standing.operating, .ownWorkTree, .foreign])
    func `a section that nobody knows is an error, in every file but Git's own`(standing: Standing) {
        let odd = entries("spce", "me/two", ["root": "x", "sdk": "docker"])
        let settings = Settings(layers: [Layer(.travelling(".spacesync"), standing, odd)])
        #expect(settings.problems.map(\.hint) == ["did you mean [space]?"], "\(settings.problems)")
        let own = Settings(layers: [Layer(.repository("x (git config)"), .operating, odd)])
        #expect(own.problems.isEmpty)
    }

    @Test(arguments: [
        ("keep", "../x"), ("exclude", "a/../b"), ("include", "!../x"), ("root", "/abs"), ("cardFile", "/x"),
    ])
    func `no setting leads out of the tree`(key: String, value: String) {
        let settings = Settings(layers: [file("user", entries("space", "me/demo", [key: value]))])
        #expect(settings.problems.count == 1)
        #expect(settings.problems.first?.value == value)
    }

    @Test func `a wrong flag is the command line's fault, unless a file is wrong, too`() throws {
        let space = try #require(SpaceID("me/demo"))
        let flags = Settings(layers: [flag("sdk", "dokcer")], named: [space])
        let failure = Failure.settings(flags.problems)
        #expect(failure.kind == .usage && failure.hint == "did you mean docker?")
        #expect(failure.message == "--sdk dokcer: must be one of docker, gradio, static")
        let both = Settings(
            layers: [file("user", entries("space", "me/demo", ["timeout": "x"])), flag("drift", "x")])
        #expect(Failure.settings(both.problems).kind == .settings)
    }

    @Test func `a Space that the settings do not name may be one that they name`() throws {
        let space = try #require(SpaceID("me/wbe"))
        let layers = [file("user", entries("space", "me/web", ["root": "x"]))]
        let targets = Settings(layers: layers, named: [space]).targets
        #expect(targets.map(\.doubt) == ["did you mean me/web (of user)?", nil])
    }

    @Test func `one Space in two spellings is an error`() {
        let settings = Settings(layers: [
            file("a", entries("space", "me/demo", ["root": "x"])),
            file("b", entries("space", "spaces/me/demo", ["root": "y"])),
        ])
        #expect(settings.problems.count == 1)
        #expect(settings.problems.first?.description.contains("another spelling") == true)
    }

    @Test func `a key without a value is true, and every value keeps its origin`() throws {
        let target = try target([file("user", entries("space", "me/demo", ["create": nil, "root": "app"]))])
        #expect(target.create == true)
        #expect(target.effective.map(\.key) == ["root", "create"])
        #expect(target.effective.allSatisfy { $0.origin == .file("user") })
    }

    @Test(arguments: ["a\u{1}b", "x\ny", "\u{7F}"])
    func `no value holds a control character`(value: String) {
        let settings = Settings(layers: [file("user", entries("space", "me/demo", ["root": value]))])
        #expect(settings.problems.count == 1)
    }

    @Test func `a literal token is refused without being shown`() {
        let settings = Settings(layers: [file("user", entries("account", "me", ["token": "hf_notatoken"]))])
        #expect(settings.problems.count == 1)
        #expect(settings.problems.first?.description.contains("hf_notatoken") == false)
    }

    @Test func `tokens are named by where they are`() {
        let settings = Settings(layers: [
            file("user", entries("account", "Me", ["token": "env:MY_TOKEN"])),
            file("user", entries("source", "https://Git.Example.com", ["token": "env:T", "username": "u"])),
        ])
        #expect(settings.operators.accounts["me"] == .environment("MY_TOKEN"))
        #expect(settings.operators.sources["git.example.com"]?.username == "u")
    }
}

/// A `.spacesync` that came with a source composes, and no more (design 3, "Trust").
struct TrustTests {
    private func travelling(_ standing: Standing, _ entries: [ConfigEntry]) -> Layer {
        Layer(.travelling(".spacesync at 1234567"), standing, entries)
    }

    @Test func `a foreign file may compose for a Space that the operator names`() throws {
        let space = try #require(SpaceID("me/demo"))
        let layer = travelling(
            .foreign, entries("space", "me/demo", ["root": "app", "card": "app_port: 80"]))
        let settings = Settings(layers: [layer], named: [space])
        #expect(settings.problems.isEmpty)
        #expect(settings.targets.first?.root == "app")
    }

    @Test func `a foreign file may not name other Spaces, and the refusal prints the line that allows it`() {
        let layer = travelling(.foreign, entries("space", "victim/space", ["root": "app"]))
        let settings = Settings(layers: [layer])
        #expect(settings.targets.isEmpty && settings.problems.isEmpty)
        let line = "git config --add spacesync.allowSpace victim/space"
        #expect(settings.refused.first?.failure.hint?.hasSuffix(line) == true)
        let allowed = file("repo", entries("spacesync", nil, ["allowSpace": "victim/*"]))
        #expect(Settings(layers: [allowed, layer]).refused.isEmpty)
    }

    @Test func `a foreign file may not name a Space by its name alone either`() {
        let layer = travelling(.foreign, entries("space", "private", ["root": "app"]))
        let settings = Settings(layers: [layer], owner: "me")
        #expect(settings.targets.isEmpty)
        #expect(settings.refused.map(\.space.description) == ["me/private"])
    }

    @Test func `what is refused of one Space is said once, and the others stay`() throws {
        let space = try #require(SpaceID("me/demo"))
        let foreign = entries("space", "me/other", ["root": "a", "include": "b", "create": "true"])
        let own = entries("space", "me/demo", ["root": "app"])
        let settings = Settings(layers: [travelling(.foreign, foreign + own)], named: [space])
        #expect(settings.targets.map(\.space) == [space])
        #expect(settings.problems.isEmpty && settings.refused.count == 1)
        let hint = try #require(settings.refused.first?.failure.hint)
        let lines = ["spacesync.allowSpace me/other", "spacesync.trust create"]
        #expect(
            hint.split(separator: "\n").dropFirst() == lines.map { "git config --add \($0)" }[...], "\(hint)")
    }

    @Test(arguments: [("me/demo", "me/demo"), ("demo", "demo"), ("me/demo", nil)])
    func `a foreign file does not say which branch deploys where the operator does`(
        written: String, bound: String?
    ) throws {
        let space = try #require(SpaceID("me/demo"))
        let own = file("repo", entries("space", bound, ["branch": "main"]))
        let foreign = travelling(.foreign, entries("space", written, ["branch": "feature", "root": "app"]))
        let settings = Settings(layers: [own, foreign], named: [space], owner: "me")
        #expect(settings.targets.map(\.revision) == ["main"])
        #expect(settings.targets.first?.root == "app" && settings.problems.isEmpty)
        #expect(
            settings.notes.count == 1 && settings.notes.first?.contains(written) == true, "\(settings.notes)")
    }

    @Test func `a flag and a person's own work tree bind as before`() throws {
        let space = try #require(SpaceID("me/demo"))
        let foreign = travelling(.foreign, entries("space", "me/demo", ["branch": "feature"]))
        let flagged = Settings(layers: [foreign, flag("branch", "main")], named: [space])
        #expect(flagged.notes.isEmpty)
        let own = file("repo", entries("space", "me/demo", ["branch": "main"]))
        let tree = travelling(.ownWorkTree, entries("space", "me/demo", ["branch": "feature"]))
        let settings = Settings(layers: [own, tree], named: [space])
        #expect(settings.notes.isEmpty)
        #expect(
            settings.targets.map(\.revision)
                == Settings(layers: [foreign], named: [space]).targets.map(\.revision))
    }

    @Test(arguments: ["source", "create", "visibility", "wake", "trace", "manual"])
    func `a foreign file may not act on the Space`(key: String) throws {
        let space = try #require(SpaceID("me/demo"))
        let layer = travelling(.foreign, entries("space", "me/demo", [key: "true"]))
        let settings = Settings(layers: [layer], named: [space])
        #expect(settings.targets.isEmpty)
        let hint = settings.refused.first?.failure.hint
        #expect(hint?.hasSuffix("git config --add spacesync.trust \(key)") == true)
    }

    @Test func `trust gives a foreign file single keys`() throws {
        let space = try #require(SpaceID("me/demo"))
        let trust = file("repo", entries("spacesync", nil, ["trust": "create"]))
        let layer = travelling(.foreign, entries("space", "me/demo", ["create": "true"]))
        let settings = Settings(layers: [trust, layer], named: [space])
        #expect(settings.problems.isEmpty && settings.refused.isEmpty)
    }

    @Test(arguments: [Standing.foreign, .ownWorkTree], ["account", "source", "spacesync"])
    func `no travelling file sets tokens or the operator's keys`(standing: Standing, section: String) {
        let layer = travelling(standing, entries(section, "me", ["token": "env:HOME"]))
        let settings = Settings(layers: [layer])
        #expect(!settings.problems.isEmpty)
        #expect(settings.operators == OperatorSettings())
    }

    @Test func `a person's own work tree grants the rest`() {
        let layer = travelling(
            .ownWorkTree, entries("space", "me/demo", ["create": "true", "source": "../x"]))
        #expect(Settings(layers: [layer]).problems.isEmpty)
    }
}

struct SmallSettingsTests {
    @Test(arguments: [
        ("20m", 1200), ("90s", 90), ("2000ms", 2), ("1.0s", 1), ("1h30m", 5400), ("45", 45), ("2D", 172_800),
    ])
    func `lengths of time are read`(text: String, seconds: Int) {
        #expect(Duration(text: text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "0", "m", "5x", "-1s", "1.5h", "99999999999999999999s", "5m3", "0.0s", "0ms", "1.s", ".",
    ])
    func `what is no length of time is not read`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test func `less than a second is read, and written`() {
        #expect(Duration(text: "100ms") == .milliseconds(100) && Duration(text: "0.5s") == .milliseconds(500))
        #expect(Duration.milliseconds(1500).text == "1s500ms" && Duration.seconds(5400).text == "1h30m")
        #expect(Duration(waiting: "0") == .zero && Duration(waiting: "") == nil)
    }

    @Test(arguments: [
        ("webai2hf:main", "webai2hf", "main"), ("webai2hf", "webai2hf", "main"),
        ("refs/heads/x:refs/heads/y", "x", "y"), ("a/b:", "a/b", "main"),
    ])
    func `a branch maps as git writes a refspec`(text: String, source: String, space: String) throws {
        let mapping = try #require(BranchMapping(text))
        #expect(mapping.source == source)
        #expect(mapping.space == space)
    }

    @Test(arguments: ["a b", "x..y", "a:b:c", "-x", "a:b?"])
    func `what is no branch is not read`(text: String) { #expect(BranchMapping(text) == nil) }

    @Test(arguments: ["a:b:c", "a", ":x", "../a:b", "a:../b", "a:"])
    func `what is no mapping is not read`(text: String) { #expect(Mapping(text) == nil) }

    @Test(arguments: [
        "me/demo", "spaces/me/demo", "hf://spaces/me/demo", "https://huggingface.co/spaces/me/demo",
        "https://huggingface.co/spaces/me/demo/tree/main",
    ])
    func `a Space is read in all its spellings`(text: String) {
        #expect(SpaceID(text)?.description == "me/demo")
    }

    @Test(arguments: [
        "me", "me/de mo", "-me/demo", "me/demo.git", "a--b/c", "me/..", "a/b/c", "https://x.y/me/demo",
    ])
    func `what is no Space is not read`(text: String) { #expect(SpaceID(text) == nil) }

    @Test func `trailers are read from the last paragraph alone`() {
        let trailers = Trailers(of: "Subject\n\nBody: text here\n\nSource-Commit: abc\nSpacesync: 1\n")
        #expect(trailers["source-commit"] == "abc")
        #expect(trailers["Body"] == nil)
        #expect(Trailers(of: "Source-Commit: abc").fields.isEmpty)
    }
}
