import Testing

@testable import DeploySettings
@testable import SpacesModel
@testable import TextTools

struct SmallSettingsTests {
    @Test(arguments: [
        ("20m", 1200), ("90s", 90), ("2000ms", 2), ("1.0s", 1), ("1h30m", 5400), ("45", 45), ("2D", 172_800),
    ])
    func `durations are parsed`(text: String, seconds: Int) {
        #expect(Duration(text: text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "0", "m", "5x", "-1s", "1.5h", "99999999999999999999s", "5m3", "0.0s", "0ms", "1.s", ".",
    ])
    func `invalid durations are rejected`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test func `durations with milliseconds are parsed and formatted`() {
        #expect(Duration(text: "100ms") == .milliseconds(100) && Duration(text: "0.5s") == .milliseconds(500))
        #expect(
            Duration.milliseconds(1500).text(.setting) == "1s500ms"
                && Duration.seconds(5400).text(.setting) == "1h30m")
        #expect(Duration(waiting: "0") == .zero && Duration(waiting: "") == nil)
    }

    @Test(arguments: [
        ("webai2hf:main", "webai2hf", "main"), ("webai2hf", "webai2hf", "main"),
        ("refs/heads/x:refs/heads/y", "x", "y"), ("a/b:", "a/b", "main"),
    ])
    func `a branch mapping is written like a refspec`(text: String, source: String, space: String) throws {
        let mapping = try #require(BranchMapping(text))
        #expect(mapping.source == source)
        #expect(mapping.space == space)
    }

    @Test(arguments: ["a b", "x..y", "a:b:c", "-x", "a:b?"])
    func `invalid branch mappings are rejected`(text: String) { #expect(BranchMapping(text) == nil) }

    @Test(arguments: ["a:b:c", "a", ":x", "../a:b", "a:../b", "a:"])
    func `invalid path mappings are rejected`(text: String) { #expect(Mapping(text) == nil) }

    @Test(arguments: [
        "me/demo", "spaces/me/demo", "hf://spaces/me/demo", "https://huggingface.co/spaces/me/demo",
        "https://huggingface.co/spaces/me/demo/tree/main",
    ])
    func `a Space is parsed in all spellings`(text: String) {
        #expect(SpaceID(text)?.description == "me/demo")
    }

    @Test(arguments: [
        "me", "me/de mo", "-me/demo", "me/demo.git", "a--b/c", "me/..", "a/b/c", "https://x.y/me/demo",
    ])
    func `invalid Spaces are rejected`(text: String) { #expect(SpaceID(text) == nil) }

    @Test func `trailers are read only from the last paragraph`() {
        let trailers = Trailers(of: "Subject\n\nBody: text here\n\nSource-Commit: abc\nSpacesync: 1\n")
        #expect(trailers["source-commit"] == "abc")
        #expect(trailers["Body"] == nil)
        #expect(Trailers(of: "Source-Commit: abc").fields.isEmpty)
    }
}
