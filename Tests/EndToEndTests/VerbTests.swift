import Foundation
import TestSupport
import Testing

/// Commands that act on a Space, as typed, with their effect at the Hub.
struct VerbTests {
    private func running() async throws -> Scene {
        let scene = try await Scene()
        let source = try await scene.source()
        let run = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(run.status == 0, "\(run)")
        return scene
    }

    @Test func `restart and pause report the Space's new stage`() async throws {
        let scene = try await running()
        let paused = try await scene.spacesync("pause", "me/demo")
        #expect(paused.status == 0 && paused.out == "me/demo PAUSED\n", "\(paused)")
        #expect(paused.err.contains("spacesync restart me/demo"))
        let back = try await scene.spacesync("restart", "spaces/me/demo", "--factory-reboot", "--json")
        #expect(back.events.count == 1 && back.events[0]["event"] as? String == "restart", "\(back)")
        #expect(back.events[0]["stage"] as? String == "BUILDING")
        #expect(
            try await scene.hub.asked().contains {
                $0.path.hasSuffix("/restart") && $0.query == "factory=true"
            })
        #expect(try await scene.spacesync("restart", "me/demo", "-q").out == "me/demo\n")
    }

    @Test func `higher costs require confirmation, and the message has the price and the command`()
        async throws
    {
        let scene = try await running()
        let asked = try await scene.spacesync("hardware", "me/demo", "t4-small", "--sleep-time", "1h")
        #expect(asked.status == 9 && asked.out.isEmpty, "\(asked)")
        #expect(asked.err.contains("$0.40 an hour, $9.60 a day, $288.00 a month"), "\(asked)")
        let line = "spacesync hardware me/demo --sleep-time 1h t4-small --yes"
        #expect(asked.err.contains(line), "\(asked)")
        #expect(
            try await scene.hub.asked().allSatisfy { !$0.path.hasSuffix("/hardware") || $0.method == "GET" })
        let words = line.split(separator: " ").dropFirst().map { String($0) }
        let changed = try await scene.spacesync(Array(words))
        #expect(changed.status == 0 && changed.out.hasPrefix("me/demo on t4-small"), "\(changed)")
        let runtime = try await scene.hub.json("/spaces/me/demo/runtime")
        #expect((runtime["hardware"] as? [String: Any])?["requested"] as? String == "t4-small")
        #expect(runtime["gcTimeout"] as? Int == 3600)
        let list = try await scene.spacesync("hardware", "me/demo")
        #expect(list.out.contains("*  t4-small") && list.out.contains("   cpu-basic"), "\(list)")
        let never = try await scene.spacesync("sleep-time", "me/demo", "never")
        #expect(
            never.status == 9 && never.err.contains("spacesync sleep-time me/demo never --yes"), "\(never)")
        let rare = try await scene.spacesync("sleep-time", "me/demo", "99999d")
        #expect(rare.status == 9 && rare.err.contains("$0.40"), "so long is never: \(rare)")
        #expect(try await scene.spacesync("sleep-time", "me/demo", "2h").status == 0)
        let lone = try await scene.spacesync("hardware", "me/demo", "--sleep-time", "30m")
        #expect(lone.status == 2 && lone.err.contains("spacesync sleep-time me/demo 30m"), "\(lone)")
        let cheaper = try await scene.spacesync("hardware", "me/demo", "cpu-basic")
        #expect(cheaper.status == 0, "\(cheaper)")
        let unheeded = try await scene.spacesync("sleep-time", "me/demo", "1h")
        #expect(unheeded.status == 6 && unheeded.err.contains("sleeps after 2d"), "\(unheeded)")
        let wrong = try await scene.spacesync("hardware", "me/demo", "t4-smal")
        #expect(wrong.status == 2 && wrong.err.contains("did you mean t4-small?"), "\(wrong)")
    }

    @Test func `wider visibility requires confirmation, narrower does not`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        #expect(try await scene.spacesync("visibility", "me/demo").out == "me/demo public\n")
        #expect(try await scene.spacesync("visibility", "me/demo", "private").status == 0)
        for wider in ["protected", "public"] {
            let asked = try await scene.spacesync("visibility", "me/demo", wider)
            #expect(asked.status == 9 && asked.err.contains("spacesync visibility me/demo \(wider) --yes"))
            #expect(try await scene.spacesync("visibility", "me/demo", "-q").out == "private\n")
        }
        #expect(try await scene.spacesync("visibility", "me/demo", "protected", "-y").status == 0)
        #expect(try await scene.spacesync("visibility", "me/demo").out == "me/demo protected\n")
    }

    @Test(arguments: [
        (["restart"], "spacesync restart owner/name"),
        (["pause", "a/b", "c/d"], "spacesync pause owner/name"),
        (["sleep-time", "me/demo"], "spacesync sleep-time owner/name 1h"),
        (["sleep-time", "me/demo", "soon"], "spacesync sleep-time me/demo 1h"),
        (["visibility", "me/demo", "privat"], "spacesync visibility me/demo private"),
        (["dev-mode", "me/demo", "maybe"], "spacesync dev-mode me/demo on"),
        (["secrets", "sett", "me/demo"], "did you mean set?"),
        (["secrets", "set"], "spacesync secrets set owner/name API_KEY"),
        (["volumes", "set", "me/demo", "me/m:/x"], "hf://buckets/owner/data:/data"),
        (["create", "me/demo", "--sdk", "dockr"], "spacesync create me/demo --sdk docker"),
        (["move", "me/demo"], "spacesync move owner/name owner/other"),
        (["list", "me/demo"], "spacesync status me/demo"),
        (["delete", "me/demo", "--type", "model", "--yes"], "unsupported repository type \"model\""),
        (["logs", "me/demo", "-n", "x"], "spacesync logs me/demo -n 100"),
        (["metrics", "me/demo", "-n", "0"], "spacesync metrics me/demo -n 1"),
    ]) func `invalid arguments give the correct command`(_ words: [String], _ line: String) async throws {
        let folder = try TestDirectory()
        var environment = Scene.plain
        environment["HOME"] = folder.path
        let finished = try await run(Binary.path, words, environment: environment, directory: folder.url)
        #expect(finished.status == 2 && finished.err.contains(line), "\(words): \(finished)")
        #expect(finished.out.isEmpty)
    }

    @Test func `a refusal has the Hub's own error message`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace("page", sdk: "static")
        let stale = try await scene.spacesync("pause", "me/page")
        #expect(stale.status == 6 && stale.err.contains("Static Spaces have no runtime"), "\(stale)")
        try await scene.makeSpace()
        let weak = try await scene.spacesync("restart", "me/demo", changing: ["HF_TOKEN": "hf_reader"])
        #expect(weak.status == 5, "\(weak)")
        let gone = try await scene.spacesync("restart", "me/demmo")
        #expect(gone.status == 6 && gone.err.contains("no such Space"), "\(gone)")
        try await scene.hub.fault(
            #"{"method":"POST","path":"/hardware","status":403,"body":{"error":"You must add a payment method\u001b[31m to your account"}}"#
        )
        let unpaid = try await scene.spacesync("hardware", "me/demo", "t4-small", "-y")
        #expect(
            unpaid.status == 5 && unpaid.err.contains("https://huggingface.co/settings/billing"), "\(unpaid)")
        #expect(!unpaid.err.contains("\u{1B}"))
    }

    @Test func `a request with an unknown outcome is not retried`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        try await scene.hub.fault(#"{"method":"POST","path":"/pause","drop":true}"#)
        let lost = try await scene.spacesync("pause", "me/demo", changing: ["SPACESYNC_RETRIES": "4"])
        #expect(lost.status == 75, "\(lost)")
        #expect(try await scene.hub.asked().filter { $0.path.hasSuffix("/pause") }.count == 1)
    }
}
