import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Space configuration (variables, secrets, hardware, visibility): a push applies the desired values, once.
struct StateTests {
    /// A unique value that is searched for in outputs and files; it does not look like a credential.
    private let value = "flamingo-\(UUID().uuidString)"

    private func changes(_ hub: HubProcess) async throws -> [String] {
        try await hub.asked().filter { asked in
            asked.method != "GET"
                && ["/secrets", "/variables", "/hardware", "/sleeptime", "/settings"]
                    .contains { asked.path.hasSuffix($0) }
        }.map { "\($0.method) \($0.path.split(separator: "/").last ?? "")" }
    }

    private func write(_ lines: String, to source: Repository) throws {
        try Data("[space \"me/demo\"]\n\(lines)\n".utf8).write(to: source.url.appending(path: ".spacesync"))
    }

    @Test func `a new Space is created with its secrets, and none is set again`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try write("create = true\nvariable = MODE=fast\nsecret = API_KEY\nsecret = OTHER?", to: source)
        let made = try await scene.spacesync("push", in: source.url, changing: ["API_KEY": value])
        #expect(made.status == 0, "\(made)")
        #expect(try await changes(scene.hub) == [])
        #expect(try await scene.hub.api("GET", "/spaces/me/demo/secrets").text.contains("API_KEY"))
        #expect(try await scene.hub.api("GET", "/spaces/me/demo/variables").text.contains("fast"))
        try await scene.hub.forget()
        let again = try await scene.spacesync("push", in: source.url, changing: ["API_KEY": value])
        #expect(again.status == 0 && again.err.contains("unchanged"), "\(again)")
        #expect(try await changes(scene.hub) == [])
        try expectNoTrace(of: value, in: scene, [made, again])
    }

    @Test func `a changed value is set before the push, and the build is watched to its end`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try write("create = true\nvariable = MODE=fast\nsecret = API_KEY", to: source)
        _ = try await scene.spacesync("push", in: source.url, changing: ["API_KEY": "before"])
        try await scene.hub.forget()
        try write("create = true\nvariable = MODE=slow\nsecret = API_KEY", to: source)
        try await source.commit(["app.py": "print(2)\n"], "Two")
        let run = try await scene.spacesync("push", "--json", in: source.url, changing: ["API_KEY": value])
        #expect(run.status == 0, "\(run)")
        #expect(try await changes(scene.hub) == ["POST variables", "POST secrets"])
        let order = try await scene.hub.asked().filter { $0.method == "POST" }.map {
            String($0.path.split(separator: "/").last ?? "")
        }
        #expect(order.firstIndex(of: "secrets") ?? 9 < order.firstIndex(of: "git-receive-pack") ?? 0)
        try expectNoTrace(of: value, in: scene, [run])
    }

    @Test func `a change of configuration alone restarts the Space, and the push watches it`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try await scene.hub.forget()
        let run = try await scene.spacesync(
            "push", "me/demo", "-c", "variable=MODE=slow", in: source.url)
        #expect(run.status == 0 && run.err.contains("deployed"), "\(run)")
        #expect(run.err.contains("BUILDING") && run.err.contains("RUNNING"), "\(run)")
        #expect(try await changes(scene.hub) == ["POST variables"])
    }

    @Test func `a missing secret value stops the push before anything is created or sent`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try write("create = true\nsecret = API_KEY\nsecret = SECOND", to: source)
        let run = try await scene.spacesync("push", in: source.url)
        #expect(run.status == 3 && run.err.contains("API_KEY, SECOND"), "\(run)")
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.hasSuffix("create") })
        try await scene.makeSpace()
        for name in ["API_KEY", "SECOND"] {
            _ = try await scene.hub.api(
                "POST", "/spaces/me/demo/secrets", #"{"key":"\#(name)","value":"x"}"#)
        }
        let left = try await scene.spacesync("push", in: source.url)
        #expect(left.status == 0, "what the Space has is left as it is: \(left)")
    }

    @Test func `costs and wider visibility require confirmation`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try await scene.hub.forget()
        try write("hardware = t4-small\nvisibility = public", to: source)
        let refused = try await scene.spacesync("push", in: source.url)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("$0.40 an hour") && refused.err.contains("everyone"), "\(refused)")
        let planned = try await scene.spacesync("plan", in: source.url)
        #expect(
            planned.status == 0 && planned.err.contains("a push requires confirmation (--yes): hardware"),
            "\(planned)")
        #expect(try await changes(scene.hub) == [])
        let allowed = try await scene.spacesync("push", "--yes", in: source.url)
        #expect(allowed.status == 0, "\(allowed)")
        #expect(try await changes(scene.hub) == ["POST hardware", "PUT settings"])
        let settled = try await scene.spacesync("plan", "--exit-code", in: source.url)
        #expect(settled.status == 0, "\(settled)")
    }

    @Test func `unknown hardware is an error in the settings, in a plan too`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try write("hardware = t4-smal\nvariable = NEW=1", to: source)
        for command in ["plan", "push"] {
            let run = try await scene.spacesync(command, "-y", in: source.url)
            #expect(run.status == 3 && run.err.contains("did you mean t4-small?"), "\(run)")
        }
        #expect(try await changes(scene.hub) == [])
    }

    @Test func `a trusted key requires no confirmation`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try await source.git("config", "--add", "spacesync.trust", "hardware")
        let run = try await scene.spacesync("push", "me/demo", "--hardware", "t4-small", in: source.url)
        #expect(run.status == 0, "\(run)")
    }

    /// Fingerprints are stored locally for a Hub that keeps no descriptions of secrets; without
    /// them a run says so.
    @Test
    func `without secret descriptions on the Hub, a local fingerprint is used, or its absence reported`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try write("create = true\nsecret = API_KEY", to: source)
        _ = try await scene.spacesync("push", in: source.url, changing: ["API_KEY": value])
        try await scene.hub.fault(
            #"{"method":"GET","path":"/secrets","times":-1,"status":200,"#
                + #""body":"{\"API_KEY\":{\"key\":\"API_KEY\"}}"}"#)
        let known = try await scene.spacesync("plan", in: source.url, changing: ["API_KEY": value])
        #expect(known.status == 0 && !known.out.contains("API_KEY"), "\(known)")
        let changed = try await scene.spacesync("plan", in: source.url, changing: ["API_KEY": "x"])
        #expect(changed.out.contains("~ secret API_KEY"), "\(changed)")
        scene.dropCache()
        let unknown = try await scene.spacesync("push", in: source.url, changing: ["API_KEY": value])
        #expect(unknown.status == 0 && unknown.err.contains("it is unknown whether"), "\(unknown)")
        #expect(try await changes(scene.hub) == [])
    }

    @Test func `a secret value in the settings is refused and not printed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try write("secret = API_KEY=\(value)", to: source)
        for command in ["push", "plan", "check"] {
            let run = try await scene.spacesync(command, in: source.url)
            #expect(run.status == 3 && run.err.contains("API_KEY"), "\(run)")
            #expect(!(run.out + run.err).contains(value), "\(command)")
        }
    }

    private func expectNoTrace(of value: String, in scene: Scene, _ runs: [Finished]) throws {
        for run in runs { #expect(!(run.out + run.err).contains(value)) }
        let root = scene.folder.url
        let files = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        let matches = files.filter { name in
            FileManager.default.contents(atPath: root.path + "/" + name)?.range(of: Data(value.utf8)) != nil
        }
        #expect(matches == [])
    }
}
