import Foundation
import TestSupport
import Testing

/// Tokens that are invalid, readable by others, or in the wrong place.
struct TokenFormTests {
    private static let body = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cD1eF3h"
    private static let letters = "abcdefghij0123456789ABCDEFGHIJ012345"

    private static let wrong: [(value: String, words: String)] = [
        ("\"" + Scene.token + "\"", "quotes"), ("'" + Scene.token + "'", "quotes"),
        ("Bearer " + Scene.token, "Bearer"), ("token " + Scene.token, "token"),
        ("${{ secrets.HF_TOKEN }}", "not expanded"), ("$HF_TOKEN", "not expanded"),
        ("${HF_TOKEN}", "not expanded"), ("ghp_" + letters, "GitHub"),
        ("github_pat_" + letters, "GitHub"), ("glpat-" + letters.prefix(20), "GitLab"),
        ("sk-" + letters, "OpenAI"), ("xoxb-" + letters, "Slack"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "AWS"), ("npm_" + letters, "npm"),
        (Scene.token + "\n" + body, "line break"), (Scene.token + "\r\n" + body, "line break"),
        (Scene.token + "\u{1B}[1m", "control character"), ("walrus and carpenter", "space"),
        ("bearer:hf_" + body, "other text"), ("HF_TOKEN=hf_" + body, "other text"),
        ("{\"token\":\"hf_" + body + "\"}", "other text"), ("hf_" + body + ",hf_" + body, "other text"),
    ]

    @Test(arguments: wrong)
    func `a value that cannot be a Hub token is described and not sent`(value: String, words: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = scene.folder.path + "/token"
        try Data(value.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, 0o600)
        let inputs: [([String], [String: String?])] = [
            ([], ["HF_TOKEN": value]), (["--token-file", file], [:]),
            (["--config", try config(scene, "env:ODD")], ["ODD": value]),
            (["--config", try config(scene, "file:" + file)], [:]),
            ([], ["HF_TOKEN": nil, "HF_TOKEN_PATH": file]), ([], ["HF_USER": "me:" + value]),
        ]
        for (flags, changes) in inputs where !(changes["HF_USER"] != nil && value.contains(",")) {
            let run = try await scene.spacesync(
                ["push", "me/demo"] + flags, in: source.url, changing: changes)
            #expect(run.status == 5 && run.err.contains(words), "\(flags) \(changes.keys): \(run)")
            #expect(!run.err.contains("\n       token: "), "\(run)")
            for part in [value, Self.body, Self.letters, Scene.token] {
                #expect(!(run.out + run.err).contains(part), "\(run)")
            }
        }
        let asked = try await scene.hub.asked()
        #expect(asked.isEmpty, "\(asked)")
        let doctor = try await scene.spacesync("doctor", "--json", changing: ["HF_TOKEN": value])
        #expect(doctor.status == 5 && doctor.out.contains(words), "\(doctor)")
    }

    private func config(_ scene: Scene, _ token: String) throws -> String {
        let path = scene.folder.path + "/conf-\(UInt32.random(in: 0...UInt32.max))"
        try Data("[account \"me\"]\n\ttoken = \(token)\n".utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func `white space around a token is ignored`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        let run = try await scene.spacesync(
            "secrets", "list", "me/demo", changing: ["HF_TOKEN": "  \(Scene.token)\r\n"])
        #expect(run.status == 0, "\(run)")
    }

    @Test func `a Hub token is not sent to another host`() async throws {
        let scene = try await Scene()
        let hub = "hf_" + Self.body
        let run = try await scene.spacesync(
            "plan", "me/demo", "--source", "https://github.com/a/b", changing: ["GITHUB_TOKEN": hub])
        #expect(run.status == 5 && run.err.contains("Hugging Face"), "\(run)")
        #expect(!(run.out + run.err).contains(Self.body))
        let conf = scene.folder.path + "/conf"
        try Data("[source \"https://git.example.com\"]\n\ttoken = env:ODD\n".utf8)
            .write(to: URL(fileURLWithPath: conf))
        let other = try await scene.spacesync(
            "plan", "me/demo", "--source", "https://git.example.com/a/b", "--config", conf,
            changing: ["ODD": hub])
        #expect(other.status == 5 && other.err.contains("Hugging Face"), "\(other)")
    }

    @Test(arguments: [mode_t(0o644), 0o640, 0o606, 0o600])
    func `a token file that others can read causes one warning`(mode: mode_t) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let file = scene.folder.path + "/token"
        try Data("\(Scene.token)\n".utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        let isOpen = mode != 0o600
        let settings = try config(scene, "file:" + file)
        for (flags, changes) in [
            (["--token-file", file], ["HF_TOKEN": nil]), (["--config", settings], [:]),
            ([], ["HF_TOKEN": nil, "HF_TOKEN_PATH": file]),
            (["-c", "secret=KEY=file:" + file], [:]),
            (["-c", "probe=GET /", "-c", "probeHeader=X-Key: file:" + file], [:]),
        ] as [([String], [String: String?])] {
            let run = try await scene.spacesync(
                ["plan", "me/demo"] + flags, in: source.url, changing: changes)
            #expect(run.status == 0, "\(run)")
            let warnings = run.err.split(separator: "\n").filter { $0.contains("other users") }
            #expect(warnings.count == (isOpen ? 1 : 0), "\(flags): \(run)")
            #expect(!isOpen || run.err.contains("chmod 600 \(file)"), "\(run)")
        }
        let set = try await scene.spacesync("secrets", "set", "me/demo", "KEY=file:" + file)
        #expect(set.status == 0 && set.err.contains("other users") == isOpen, "\(set)")
        let doctor = try await scene.spacesync(
            "doctor", "--token-file", file, "--json", changing: ["HF_TOKEN": nil])
        let verdicts = doctor.events.filter { ($0["message"] as? String)?.contains("other users") == true }
        #expect(verdicts.map { $0["verdict"] as? String } == (isOpen ? ["warning"] : []), "\(doctor)")
    }

    private static let misplaced: [[String]] = [
        ["push", "T"], ["push", "me/T"], ["push", "me/demo", "--source", "T"],
        ["push", "me/demo", "-c", "secret=T"], ["push", "me/demo", "--branch", "T"], ["create", "T"],
        ["push", "--T"], ["push", "--T=T"], ["T"], ["help", "T"], ["push", "me/demo", "-m", "T"],
        ["push", "me/demo", "-mT"], ["logs", "T"], ["push", "me/demo", "--force=T"],
        ["secrets", "set", "me/demo", "T"], ["secrets", "set", "me/demo", "A=T"],
        ["drift", "me/demo", "--config", "T"], ["visibility", "me/demo", "T"], ["cache", "T"],
        ["push", "hf://spaces/T/x"], ["volumes", "set", "me/demo", "hf://buckets/T/x:/d"],
        ["mirror", "--only", "T"], ["export", "me/demo", "T"], ["--T"], ["init", "T"], ["list", "T"],
    ]

    @Test(arguments: misplaced, ["hf_", "ghp_", "github_pat_", "glpat-", "api_org_"])
    func `a token typed in the wrong position is not repeated`(words: [String], prefix: String)
        async throws
    {
        let scene = try await Scene()
        let token = prefix + Self.body
        let line = words.map { $0.replacing("T", with: token) }
        let source = try await scene.source()
        for flags in [[], ["--json"]] {
            let run = try await scene.spacesync(
                line + flags, in: source.url, changing: ["HUGGINGFACE_USERNAME": "me"])
            #expect([2, 3].contains(run.status), "\(run)")
            #expect(!(run.out + run.err).contains(Self.body), "\(run)")
        }
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test(arguments: ["HF_USER", "HUGGINGFACE_USERNAME", "HF_USERNAMES"])
    func `a token instead of a user name is not sent in a URL`(name: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for line in [["push", "demo"], ["list"], ["status", "demo"]] {
            let run = try await scene.spacesync(line, in: source.url, changing: [name: "hf_" + Self.body])
            #expect(!(run.out + run.err).contains(Self.body), "\(run)")
        }
        #expect(try await scene.hub.asked().allSatisfy { !($0.path + $0.query).contains(Self.body) })
    }

    @Test func `doctor warns a week before a token expires`() async throws {
        let scene = try await Scene()
        for (days, verdict) in [(3.0, "warning"), (30, "good"), (-1, "warning")] {
            let end = Date().addingTimeInterval(days * 86_400).formatted(.iso8601)
            for body in [
                #""auth":{"type":"access_token","expiresAt":"\#(end)","accessToken":{"role":"write"}}"#,
                #""auth":{"type":"access_token","accessToken":{"role":"write","expiresAt":"\#(end)"}}"#,
            ] {
                try await scene.hub.fault(
                    #"{"path":"whoami-v2","times":-1,"status":200,"body":{"name":"me","type":"user","orgs":[],\#(body)}}"#
                )
                let run = try await scene.spacesync("doctor", "--json")
                _ = try await scene.hub.call("DELETE", "/_hub/faults")
                let line = run.events.first {
                    $0["check"] as? String == "token"
                        && ($0["message"] as? String)?.contains("expires on") == true
                }
                #expect(line?["verdict"] as? String == verdict, "\(days): \(run)")
            }
        }
    }

    @Test func `doctor warns a week before a trusted publisher's token expires`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let now = Date().timeIntervalSince1970.rounded()
        for (days, lifetime, verdict) in [(3.0, 90.0, "warning"), (30, 90, "good"), (0.01, 0.02, "good")] {
            let claims =
                #"{"iat":\#(Int(now + (days - lifetime) * 86_400)),"exp":\#(Int(now + days * 86_400))}"#
            let identity = "e30." + Data(claims.utf8).base64EncodedString().filter { $0 != "=" } + ".c2ln"
            let run = try await scene.spacesync(
                "doctor", "me/demo", "--json", in: source.url,
                changing: [
                    "HF_TOKEN": nil, "HF_OIDC_RESOURCE": "spaces/me/demo", "HF_OIDC_ID_TOKEN": identity,
                ])
            let line = run.events.first { $0["check"] as? String == "token" && $0["space"] is String }
            #expect(line?["verdict"] as? String == verdict, "\(days): \(run)")
            #expect(!(run.out + run.err).contains(identity))
        }
    }
}
