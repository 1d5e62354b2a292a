import Foundation
import TestSupport
import Testing

/// A variable whose value comes from a variable named like a secret needs confirmation, and its
/// value is not shown.
struct SecretVariableTests {
    private static let value = "walrus-and-carpenter"

    @Test(arguments: [
        "X=env:AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "X=env:PGPASSWORD", "API_TOKEN=env:PLAIN",
        "X=env:DB_PASS",
    ])
    func `a variable with a secret's name requires confirmation and is not shown`(setting: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        let values = ["AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "PLAIN", "DB_PASS"].map {
            ($0, Self.value as String?)
        }
        let environment = Dictionary(uniqueKeysWithValues: values)
        try await scene.hub.forget()
        for (words, status) in [
            (["plan"], Int32(0)), (["plan", "--json"], 0), (["push"], 9), (["push", "--json"], 9),
        ] {
            let run = try await scene.spacesync(
                words + ["me/demo", "-v", "-c", "variable=" + setting], in: source.url, changing: environment)
            #expect(run.status == status, "\(run)")
            #expect(!(run.out + run.err).contains(Self.value), "\(run)")
        }
        #expect(try await scene.hub.asked().allSatisfy { $0.method == "GET" || $0.isGit })
        let run = try await scene.spacesync(
            "push", "me/demo", "--yes", "--no-wait", "-c", "variable=" + setting, in: source.url,
            changing: environment)
        #expect(run.status == 0 && !(run.out + run.err).contains(Self.value), "\(run)")
    }

    @Test func `commands and files with such variables require confirmation too`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        let file = scene.folder.path + "/some.env"
        try Data("API_TOKEN=\(Self.value)\nMODE=fast\n".utf8).write(to: URL(fileURLWithPath: file))
        let lines = [
            ["variables", "set", "me/demo", "X=env:AWS_SECRET_ACCESS_KEY"],
            ["variables", "set", "me/demo", "--env-file", file],
            ["create", "me/new", "--variable", "X=env:AWS_SECRET_ACCESS_KEY"],
            ["create", "me/new", "--env-file", file],
            ["duplicate", "me/demo", "me/new", "--variable", "X=env:AWS_SECRET_ACCESS_KEY"],
        ]
        for line in lines {
            let run = try await scene.spacesync(line, changing: ["AWS_SECRET_ACCESS_KEY": Self.value])
            #expect(run.status == 9, "\(line): \(run)")
            #expect(!(run.out + run.err).contains(Self.value), "\(run)")
        }
        let plain = try await scene.spacesync(
            "variables", "set", "me/demo", "MODE=env:MODE", "USE_TOKEN=env:FLAG",
            changing: ["MODE": "fast", "FLAG": "true"])
        #expect(plain.status == 0, "\(plain)")
    }
}
