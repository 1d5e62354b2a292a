import Foundation
import TestSupport
import Testing

/// The commands of the README, in its order, as a reader types them.
struct ReadmeRunTests {
    /// The lines of the blocks of shell commands, without comments, for a Space of the local Hub's user.
    private static func commands() throws -> [[String]] {
        let text = try String(contentsOf: PackageRoot.url.appending(path: "README.md"), encoding: .utf8)
        return text.split(separator: "```sh\n").dropFirst().map { block in
            (block.split(separator: "```").first ?? "").split(separator: "\n").map { line in
                String(line.split(separator: " # ")[0])
                    .replacing("owner/", with: "me/").replacing("hf_…", with: Scene.token)
            }
        }
    }

    private static let files = Scene.files.merging([
        "app/app.py": "print('app')\n",
        "app/Dockerfile": "FROM python:3.12-slim\nCOPY app.py .\nCMD [\"python\"]\n",
    ]) { $1 }

    @Test func `the commands of the README work in its order`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.files)
        try await source.git("branch", "-m", "main")
        var exports: [String] = []
        func type(_ line: String) async throws -> Finished {
            var environment = scene.environment
            environment["HF_TOKEN"] = nil
            environment["API_KEY"] = "value-of-the-key"
            environment["PATH"] =
                URL(fileURLWithPath: Binary.path).deletingLastPathComponent().path + ":"
                + (environment["PATH"] ?? "")
            return try await run(
                "/bin/sh", ["-c", (exports + [line]).joined(separator: "\n")], environment: environment,
                directory: source.url)
        }
        let blocks = try Self.commands()
        #expect(blocks.map(\.count) == [3, 10])
        for line in blocks.joined() {
            try await prepare(line, scene, source)
            let finished = try await type(line)
            #expect(finished.status == 0, "\(line)\n\(finished)")
            if line.hasPrefix("export ") { exports.append(line) }
        }
        #expect(try source.text(".spacesync").contains("[space \"me/name\"]"))
        // The edit on the Space is in the source.
        #expect(try source.text("app.py") == "print('edited')\n")
        let secrets = try await scene.spacesync("secrets", "list", "me/name")
        #expect(secrets.out.contains("API_KEY"), "\(secrets)")
        let space = try await scene.clone("me/name", as: "name")
        #expect(try space.text("app.py") == "print('staging')\n")
    }

    /// Does what others did before a command.
    private func prepare(_ line: String, _ scene: Scene, _ source: Repository) async throws {
        if line == "spacesync push me/name" {
            try await source.commit(["app.py": "print('good morning')\n"], "Say good morning")
        } else if line.hasPrefix("spacesync drift ") {
            try await scene.clone("me/name").publish(["app.py": "print('edited')\n"])
        } else if line.hasPrefix("spacesync promote ") {
            try await source.commit(["app/app.py": "print('new')\n"], "Take the edit")
            let push = try await scene.spacesync("push", "me/name", in: source.url)
            #expect(push.status == 0, "\(push)")
            let staging = try await scene.source(
                Self.files.merging(["app.py": "print('staging')\n"]) { $1 }, named: "staging")
            let made = try await scene.spacesync("push", "me/staging", "--create", in: staging.url)
            #expect(made.status == 0, "\(made)")
        }
    }
}
