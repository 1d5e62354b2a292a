import Foundation
import TestSupport
import Testing

/// Creating, duplicating, moving and deleting Spaces.
struct NewSpaceTests {
    @Test func `a Space is created private, with its whole configuration, in one request`() async throws {
        let scene = try await Scene()
        let made = try await scene.spacesync(
            "create", "me/demo", "--secret", "KEY", "--variable", "A=1", "--hardware", "cpu-upgrade",
            "--sleep-time", "1h", "-y", changing: ["KEY": "x"])
        #expect(made.status == 0 && made.out == "\(scene.hub.url)/spaces/me/demo\n", "\(made)")
        let asked = try await scene.hub.asked()
        #expect(asked.filter { $0.method == "POST" }.map(\.path) == ["/api/repos/create"])
        let info = try await scene.hub.json("/spaces/me/demo")
        #expect(info["private"] as? Bool == true)
        let runtime = try await scene.hub.json("/spaces/me/demo/runtime")
        #expect(runtime["gcTimeout"] as? Int == 3600)
        let again = try await scene.spacesync("create", "me/demo")
        #expect(again.status == 6 && again.err.contains("nothing was changed"), "\(again)")
        let taken = try await scene.spacesync("create", "me/demo", "--exist-ok", "--json")
        #expect(taken.status == 0 && taken.events[0]["created"] as? Bool == false, "\(taken)")
    }

    @Test func `an error about a missing paid plan shows the alternatives`() async throws {
        let scene = try await Scene()
        try await scene.hub.fault(
            #"{"method":"POST","path":"/api/repos/create","status":402,"body":{"error":"Static Spaces are free for everyone"}}"#
        )
        let refused = try await scene.spacesync("create", "me/demo")
        #expect(refused.status == 5 && refused.err.contains("Static Spaces are free"), "\(refused)")
        #expect(refused.err.contains("https://huggingface.co/pro"))
    }

    @Test func `a duplicate gets files and variables, and missing secrets are named`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        _ = try await scene.spacesync("variables", "set", "me/demo", "A=1")
        _ = try await scene.spacesync("secrets", "set", "me/demo", "K", "L", changing: ["K": "1", "L": "2"])
        let copied = try await scene.spacesync(
            "duplicate", "me/demo", "me/copy", "--secret", "L", changing: ["L": "3"])
        #expect(copied.status == 0 && copied.out == "\(scene.hub.url)/spaces/me/copy\n", "\(copied)")
        #expect(copied.err.contains("me/copy does not have K: spacesync secrets set me/copy K"), "\(copied)")
        #expect(try await scene.spacesync("variables", "list", "me/copy").out == "A=1\n")
        #expect(try await scene.spacesync("secrets", "list", "me/copy", "-q").out == "L\n")
        let missing = try await scene.spacesync("duplicate", "me/nothing", "me/copy2")
        #expect(missing.status == 6 && missing.err.contains("me/nothing"), "\(missing)")
    }

    @Test func `a public duplicate of a private Space requires confirmation`() async throws {
        let scene = try await Scene()
        #expect(try await scene.spacesync("create", "me/demo").status == 0)
        let asked = try await scene.spacesync("duplicate", "me/demo", "me/copy", "--public")
        #expect(
            asked.status == 9 && asked.err.contains("everybody can then see what is now private in me/demo"),
            "\(asked)")
        #expect(
            asked.err.contains("spacesync duplicate me/demo me/copy --visibility public --yes"), "\(asked)")
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.hasSuffix("/duplicate") })
        let agreed = try await scene.spacesync("duplicate", "me/demo", "me/copy", "--public", "--yes")
        #expect(agreed.status == 0, "\(agreed)")
        #expect(try await scene.hub.json("/spaces/me/copy")["private"] as? Bool == false)
    }

    @Test func `a sleep time on free hardware is reported to have no effect`() async throws {
        let scene = try await Scene()
        let made = try await scene.spacesync("create", "me/demo", "--sleep-time", "1h")
        #expect(made.status == 0 && made.err.contains("--sleep-time 1h has no effect"), "\(made)")
    }

    @Test func `delete requires confirmation, and refuses a Space's old name`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        let asked = try await scene.spacesync("delete", "me/demo")
        #expect(
            asked.status == 9 && asked.err.contains("its files, history, secrets and variables"), "\(asked)")
        #expect(asked.err.contains("spacesync delete me/demo --yes"))
        let moved = try await scene.spacesync("move", "me/demo", "me/moved")
        #expect(moved.status == 0 && moved.out == "\(scene.hub.url)/spaces/me/moved\n", "\(moved)")
        try await scene.makeSpace("taken")
        let taken = try await scene.spacesync("move", "me/moved", "me/taken")
        #expect(taken.status == 6 && taken.err.contains("the Space me/taken already exists"), "\(taken)")
        let old = try await scene.spacesync("delete", "me/demo", "--yes")
        #expect(old.status == 6 && old.err.contains("me/demo is now called me/moved"), "\(old)")
        #expect(
            try await scene.hub.asked().allSatisfy { $0.method != "DELETE" || $0.path == "/_hub/requests" })
        let gone = try await scene.spacesync("delete", "me/moved", "--yes", "--json")
        #expect(gone.status == 0 && gone.events[0]["deleted"] as? Bool == true, "\(gone)")
        #expect(try await scene.spacesync("delete", "me/moved", "--yes").status == 6)
        #expect(try await scene.spacesync("delete", "me/moved", "--yes", "--missing-ok").status == 0)
    }
}
