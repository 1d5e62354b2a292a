import Foundation
import TestSupport
import Testing

@testable import HTTP

/// The `secrets`, `variables` and `volumes` commands: the sources of values, and their secrecy.
struct SecretVerbTests {
    private static let value = "crocodile-under-the-bridge"

    @Test func `a value comes from the environment, a file or standard input, and is never shown`()
        async throws
    {
        let scene = try await Scene()
        try await scene.makeSpace()
        try scene.folder.write("value", Self.value + "-2\n")
        try scene.folder.write("many.env", "export FOUR=\"\(Self.value)-4\" # so\nFIVE\n")
        let set = try await scene.spacesync(
            "secrets", "set", "me/demo", "ONE", "TWO=file:value", "THREE=-", "--env-file", "many.env",
            "--json",
            "-v", changing: ["ONE": Self.value, "FIVE": Self.value + "-5"], input: Self.value + "-3")
        #expect(set.status == 0, "\(set)")
        #expect(set.events.compactMap { $0["name"] as? String } == ["FOUR", "FIVE", "ONE", "TWO", "THREE"])
        let list = try await scene.spacesync("secrets", "list", "me/demo", "--json")
        #expect(list.events.count == 5, "\(list)")
        let made = try await scene.spacesync(
            "create", "me/other", "--secret", "ONE", "-s", "TWO=file:value", changing: ["ONE": Self.value])
        #expect(made.status == 0, "\(made)")
        let other = try await scene.spacesync("secrets", "ls", "me/other", "-q")
        #expect(other.out == "ONE\nTWO\n", "\(other)")
        let asked = try await scene.hub.call("GET", "/_hub/requests").text
        let output = [set, list, made, other].map { $0.out + $0.err }.joined()
        #expect(!output.contains(Self.value) && !asked.contains(Self.value))
        let names = try FileManager.default.subpathsOfDirectory(atPath: scene.folder.path)
        for name in names where !["value", "many.env"].contains(name) {
            let bytes = FileManager.default.contents(atPath: scene.folder.path + "/" + name)
            #expect(bytes?.range(of: Data(Self.value.utf8)) == nil, "\(name)")
        }
    }

    @Test func `one name cannot be both a variable and a secret`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        _ = try await scene.spacesync("secrets", "set", "me/demo", "USER")
        let open = try await scene.spacesync("variables", "set", "me/demo", "USER=x")
        #expect(open.status == 6 && open.err.contains("spacesync secrets unset me/demo USER"), "\(open)")
        _ = try await scene.spacesync("variables", "set", "me/demo", "LC_ALL=C")
        let hidden = try await scene.spacesync("secrets", "set", "me/demo", "LC_ALL")
        #expect(
            hidden.status == 6 && hidden.err.contains("spacesync variables unset me/demo LC_ALL"), "\(hidden)"
        )
        let made = try await scene.spacesync("create", "me/new", "-e", "A=1", "--secret", "A=env:USER")
        #expect(made.status == 2 && made.err.contains("A is both a variable and a secret"), "\(made)")
        let copied = try await scene.spacesync(
            "duplicate", "me/demo", "me/new", "--secret", "LC_ALL=env:USER")
        #expect(copied.status == 6 && copied.err.contains("me/demo has a variable LC_ALL"), "\(copied)")
        #expect(try await scene.hub.api("GET", "/spaces/me/new").status == 404)
        _ = try await scene.hub.api("POST", "/spaces/me/demo/secrets", #"{"key":"LC_ALL","value":"y"}"#)
        let pushed = try await scene.spacesync("push", "me/demo", "-c", "variable=MODE=fast", in: source.url)
        #expect(
            pushed.status == 3 && pushed.err.contains("LC_ALL of me/demo is both a variable and a secret"),
            "\(pushed)")
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.hasSuffix("git-receive-pack") })
    }

    @Test func `a credential as a variable requires confirmation, and is never shown`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let value = "hf_" + Self.noise(34)
        let given: [String: String?] = ["T": value]
        for words in [
            ["variables", "set", "me/demo", "T=env:T"], ["create", "me/other", "-e", "T=env:T"],
            ["push", "me/demo", "-c", "variable=T=env:T"], ["plan", "me/demo", "-c", "variable=T=env:T"],
        ] {
            let asked = try await scene.spacesync(words, in: source.url, changing: given)
            #expect(asked.status == (words[0] == "plan" ? 0 : 9), "\(asked)")
            #expect(
                !(asked.out + asked.err).contains(value) && (asked.out + asked.err).contains("Hugging Face"),
                "\(asked)")
        }
        #expect(try await scene.spacesync("variables", "list", "me/demo").out == "")
        let agreed = try await scene.spacesync(
            "variables", "set", "me/demo", "T=env:T", "--yes", changing: given)
        #expect(agreed.status == 0, "\(agreed)")
    }

    /// Generated, so that no source file has a string in the format of a token.
    private static func noise(_ count: Int) -> String {
        var random = FixedSeed(7)
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return String((0..<count).compactMap { _ in letters.randomElement(using: &random) })
    }

    @Test func `a Space that is not running is not said to restart`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("create", "me/demo")
        let empty = try await scene.spacesync("variables", "set", "me/demo", "A=0")
        #expect(empty.err.contains("uses it from its first build"), "\(empty)")
        _ = try await scene.spacesync("push", "me/demo", in: source.url)
        let running = try await scene.spacesync("variables", "set", "me/demo", "A=1")
        #expect(running.err.contains("me/demo restarts to use it"), "\(running)")
        _ = try await scene.spacesync("pause", "me/demo")
        for words in [["variables", "set", "me/demo", "A=2"], ["secrets", "set", "me/demo", "USER"]] {
            let paused = try await scene.spacesync(words)
            #expect(paused.err.contains("me/demo is PAUSED"), "\(paused)")
            #expect(paused.err.contains("spacesync restart me/demo"), "\(paused)")
        }
    }

    @Test func `a secret value on the command line is refused, and not repeated`() async throws {
        let scene = try await Scene()
        for words in [
            ["secrets", "set", "me/demo", "ONE=\(Self.value)"],
            ["secrets", "add", "me/demo", "-s", "ONE=\(Self.value)"],
            ["create", "me/demo", "--secrets", "ONE=\(Self.value)"],
        ] {
            let refused = try await scene.spacesync(words)
            #expect(refused.status == 3 && refused.err.contains("ONE=env:VARIABLE"), "\(refused)")
            #expect(!(refused.out + refused.err).contains(Self.value))
        }
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test func `all errors are reported before any request to the Hub`() async throws {
        let scene = try await Scene()
        try scene.folder.write("bad.env", "A=1\n\(Self.value) is no pair\n_B=2\nNOWHERE\n")
        let refused = try await scene.spacesync(
            "secrets", "set", "me/demo", "X", "Y=file:none", "--env-file", "bad.env")
        #expect(refused.status == 3, "\(refused)")
        for words in [
            "5 secrets cannot be set", "bad.env line 2 is not a valid NAME=value", "line 3: \"_B\"",
            "NOWHERE has no value",
            "the environment variable X is not set", "none does not exist or is empty",
        ] {
            #expect(refused.err.contains(words), "\(words): \(refused)")
        }
        #expect(!refused.err.contains(Self.value))
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test func `unchanged variables cause no restart`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        let first = try await scene.spacesync("variables", "set", "me/demo", "A=1", "B=two words")
        #expect(first.status == 0 && first.out == "A set\nB set\n", "\(first)")
        try await scene.hub.forget()
        let second = try await scene.spacesync("variables", "set", "me/demo", "A=1", "B=3", "API_TOKEN=x")
        #expect(second.out == "B set\nAPI_TOKEN set\n", "\(second)")
        #expect(second.err.contains("API_TOKEN is named like a secret"), "\(second)")
        #expect(try await scene.hub.asked().filter { $0.method == "POST" }.count == 2)
        #expect(try await scene.spacesync("variables", "list", "me/demo").out == "A=1\nAPI_TOKEN=x\nB=3\n")
        let unset = try await scene.spacesync("variables", "unset", "me/demo", "A", "BB")
        #expect(unset.status == 0 && unset.out == "A unset\n", "\(unset)")
        #expect(unset.err.contains("me/demo has no variable BB: did you mean B?"), "\(unset)")
    }

    @Test func `volumes are added to others, and replace those with the same mount path`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        func set(_ volume: String) async throws -> Finished {
            try await scene.spacesync("volumes", "set", "me/demo", volume)
        }
        #expect(try await set("hf://buckets/me/b:/data").status == 0)
        #expect(try await set("hf://datasets/me/d@v1/train:/sets:ro").status == 0)
        #expect(try await set("hf://buckets/me/c:/data").status == 0)
        let list = try await scene.spacesync("volumes", "list", "me/demo")
        #expect(list.out == "hf://datasets/me/d@v1/train:/sets:ro\nhf://buckets/me/c:/data\n", "\(list)")
        let two = try await scene.spacesync(
            "volumes", "set", "me/demo", "hf://buckets/me/d:/x", "hf://buckets/me/e:/x")
        #expect(two.status == 2 && two.err.contains("the same mount path /x"), "\(two)")
        let all = try await scene.spacesync("volumes", "unset", "me/demo")
        #expect(all.status == 9, "\(all)")
        #expect(try await scene.spacesync("volumes", "unset", "me/demo", "/sets").status == 0)
        #expect(try await scene.spacesync("volumes", "list", "me/demo", "-q").out == "/data\n")
        #expect(try await scene.spacesync("volumes", "delete", "me/demo", "-y").status == 0)
        #expect(try await scene.spacesync("volumes", "list", "me/demo").out.isEmpty)
    }
}
