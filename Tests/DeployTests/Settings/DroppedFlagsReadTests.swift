import Testing

@testable import Deploy
@testable import DeploySettings
@testable import SpacesModel

/// Tests for reading the `Flags` trailer of an untrusted commit.
struct DroppedFlagsReadTests {
    private func keys(_ trailer: String, set: [(String, SettingOrigin)] = []) throws -> [String] {
        var target = Target(space: try #require(SpaceID("me/demo")))
        target.resolvedSettings = set.map {
            Target.ResolvedSetting(key: $0.0, value: "x", origin: $0.1, line: nil)
        }
        let commit = Commit(
            id: .zero, tree: .zero, parents: [], author: Signature(name: "a", email: "b", time: 0),
            message: "subject\n\nFlags: \(trailer)\nSpacesync: 1\n")
        return DroppedFlags(target, since: commit).keys
    }

    @Test func `keys that are no longer set are found, each once and in order`() throws {
        #expect(try keys("map, add,root,add") == ["add", "map", "root"])
        #expect(try keys("map, add", set: [("add", .file("x"))]) == ["map"])
        #expect(try keys("map, add", set: [("add", .flag("-c")), ("map", .sourceFile("y"))]).isEmpty)
    }

    @Test func `keys that do not affect the tree and invalid names are ignored`() throws {
        for text in [
            "", ",", ", ,,", "drift, secret", "ad\u{1b}d", "../add", "add map", "\u{202E}map", "\0map",
        ] {
            #expect(try keys(text).isEmpty, "\(text)")
        }
        #expect(try keys(String(repeating: "x,", count: 2_000_000) + "map").isEmpty, "beyond what is read")
        #expect(try keys("map" + String(repeating: ",é", count: 1_000_000)) == ["map"])
    }

    @Test func `the hint for each key depends on the location of its section`() throws {
        var target = Target(space: try #require(SpaceID("me/demo")))
        let commit = Commit(
            id: .zero, tree: .zero, parents: [], author: Signature(name: "a", email: "b", time: 0),
            message: "subject\n\nFlags: add, keep, map\nSpacesync: 1\n")
        let flags = DroppedFlags(target, since: commit)
        #expect(
            flags.hints(for: target) == [
                "to set keep, map: spacesync init me/demo -c keep=VALUE --map VALUE",
                "to set add: git config space.me/demo.add VALUE",
            ])
        target.source = Target.Sourced(value: "https://host/a/b", origin: .file("spaces.conf"))
        #expect(flags.hints(for: target)[0] == "to set add: add = VALUE in its section")
    }

    @Test func `only flags that affect the tree are listed`() throws {
        var target = Target(space: try #require(SpaceID("me/demo")))
        let flags: [(String, SettingOrigin)] = [
            ("include", .flag("--include")), ("include", .flag("--include")), ("add", .flag("-c")),
            ("drift", .flag("--drift")), ("map", .file(".spacesync")),
        ]
        target.resolvedSettings = flags.map {
            Target.ResolvedSetting(key: $0.0, value: "x", origin: $0.1, line: nil)
        }
        #expect(target.contentFlags == ["add", "include"])
    }
}
