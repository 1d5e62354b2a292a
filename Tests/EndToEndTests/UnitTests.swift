import Foundation
import TestSupport
import Testing

/// The ready-made units of `hooks/`: what stands in them is what the binary knows, and does what it says.
struct UnitTests {
    private func text(_ name: String) throws -> String {
        try String(contentsOf: PackageRoot.url.appending(path: "hooks/\(name)"), encoding: .utf8)
    }

    private func lines(_ name: String) throws -> [String] {
        try text(name).split(separator: "\n").map { String($0) }.filter { !$0.hasPrefix("#") }
    }

    /// The settings that the units name, of one Space.
    private func settings(_ scene: Scene) async throws -> String {
        let source = try await scene.source()
        return
            "[space \"me/web\"]\n\tsource = \(source.url.path)\n\tbranch = webai2hf:main\n\tcreate = true\n"
    }

    /// What a unit's line runs in: nothing of the scene but the Hub's address. The token comes as the unit brings it.
    private func environment(_ scene: Scene, _ more: [String: String] = [:]) -> [String: String] {
        var environment = scene.environment
        environment["HF_TOKEN"] = nil
        let binary = URL(fileURLWithPath: Binary.path).deletingLastPathComponent().path
        environment["PATH"] = "\(binary):\(environment["PATH"] ?? "")"
        return environment.merging(more) { $1 }
    }

    /// The line deploys what the settings say, and says nothing when it is run again.
    private func expectMirror(_ line: String, _ scene: Scene, _ environment: [String: String]) async throws {
        let first = try await shell(line, scene, environment)
        #expect(first.status == 0, "\(first)")
        #expect(try await scene.clone("me/web").text("app.py") == "print('hello')\n")
        let second = try await shell(line, scene, environment)
        #expect(second.status == 0 && second.out.isEmpty && second.err.isEmpty, "\(second)")
    }

    private func shell(
        _ line: String, _ scene: Scene, _ environment: [String: String]
    ) async throws -> Finished {
        try await run("/bin/sh", ["-c", line], environment: environment, directory: scene.folder.url)
    }

    @Test func `the crontab's line is a pass, and a second one has nothing to mail`() async throws {
        let scene = try await Scene()
        let line = try #require(try lines("crontab").last { $0.contains("spacesync") })
        let command = line.split(separator: " ", maxSplits: 5).dropFirst(5).joined()
        #expect(line.hasPrefix("*/10 * * * * ") && !command.contains("%"), "cron makes a new line of %")
        let home = scene.folder.url.appending(path: "home")
        try Data(try await settings(scene).utf8).write(to: home.appending(path: "spaces.conf"))
        try Data("\(Scene.token)\n".utf8).write(to: home.appending(path: ".hf-token"))
        let now = command.replacing("--jitter 30s", with: "--jitter 0s")
        #expect(now != command)
        try await expectMirror(now, scene, environment(scene))
        #expect(FileManager.default.fileExists(atPath: home.path + "/spacesync.log"))
    }

    @Test func `the service's line is a pass with what systemd gives it`() async throws {
        let scene = try await Scene()
        let folder = scene.folder.path
        for name in ["etc", "credentials", "cache", "state"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try Data(try await settings(scene).utf8).write(to: URL(fileURLWithPath: folder + "/etc/spaces.conf"))
        try Data(Scene.token.utf8).write(to: URL(fileURLWithPath: folder + "/credentials/hub-token"))
        let lines = try lines("spacesync.service")
        func value(_ key: String) throws -> String {
            String(try #require(lines.first { $0.hasPrefix(key + "=") }).dropFirst(key.count + 1))
        }
        #expect(try value("LoadCredential").hasPrefix("hub-token:"))
        let pairs = try value("Environment").replacing("%S", with: folder + "/state")
            .replacing("%C", with: folder + "/cache").split(separator: " ")
            .map { $0.split(separator: "=").map { String($0) } }
        var own = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        own["CREDENTIALS_DIRECTORY"] = folder + "/credentials"
        let line = try value("ExecStart").replacing("/usr/local/bin/spacesync", with: "spacesync")
            .replacing("/etc/spacesync/", with: folder + "/etc/")
        try await expectMirror(line, scene, environment(scene, own))
        // What it keeps lies in the folders that systemd makes for it.
        let cache = "\(folder)/cache/\(try value("CacheDirectory"))"
        #expect(FileManager.default.fileExists(atPath: cache + "/mirror.lock"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/cache").count == 1)
    }

    private static let systemd = Peer("systemd-analyze")

    @Test(.enabled(if: systemd.isWanted, Comment(rawValue: systemd.word)))
    func `systemd has nothing to say against service and timer`() async throws {
        let scratch = try TemporaryDirectory()
        let service = try text("spacesync.service").replacing("/usr/local/bin/spacesync", with: Binary.path)
        let units = [
            try scratch.write("spacesync.service", service),
            try scratch.write("spacesync.timer", try text("spacesync.timer")),
        ].map(\.path)
        let systemd = try Self.systemd.found()
        let verified = try await run(systemd, ["verify", "--man=no"] + units)
        #expect(verified.status == 0 && verified.err.isEmpty && verified.out.isEmpty, "\(verified)")
        // From 0 (nothing to be had) to 100.
        let rated = try await run(
            systemd, ["security", "--offline=true", "--threshold=20", "--no-pager", units[0]])
        #expect(rated.status == 0, "\(rated)")
    }

    @Test func `the Containerfile would build, with the Swift that the package asks for`() async throws {
        let scene = try await Scene()
        var files: [String: String] = ["Sources/x.swift": "", "Tests/x.swift": ""]
        for name in ["Package.swift", ".ci/install", ".ci/setup", "hooks/Containerfile"] {
            files[name] = try String(contentsOf: PackageRoot.url.appending(path: name), encoding: .utf8)
        }
        let source = try await scene.source(files)
        let checked = try await scene.spacesync(
            "check", "me/x", "--sdk", "docker", "--dockerfile", "hooks/Containerfile", in: source.url)
        #expect(checked.status == 0 && !checked.out.contains("Dockerfile"), "\(checked)")
        let tools = try #require(files["Package.swift"]?.firstMatch(of: /swift-tools-version: (\d+\.\d+)/)?.1)
        for name in ["Containerfile", "github-actions.yml"] {
            let tags = try text(name).matches(of: /swift:(\d+\.\d+)-/).map(\.1)
            #expect(tags == [tools], "\(name)")
        }
    }
}
