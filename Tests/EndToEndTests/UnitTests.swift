import Foundation
import TestSupport
import Testing

/// The unit files in `hooks/`: their commands and settings are valid and work.
struct UnitTests {
    private func text(_ name: String) throws -> String {
        try String(contentsOf: PackageRoot.url.appending(path: "hooks/\(name)"), encoding: .utf8)
    }

    private func lines(_ name: String) throws -> [String] {
        try text(name).split(separator: "\n").map { String($0) }.filter { !$0.hasPrefix("#") }
    }

    /// Returns the settings file that the units name, for one Space.
    private func settings(_ scene: Scene) async throws -> String {
        let source = try await scene.source()
        return
            "[space \"me/web\"]\n\tsource = \(source.url.path)\n\tbranch = webai2hf:main\n\tcreate = true\n"
    }

    /// Returns the environment of a unit's command: only the Hub's address, without the token,
    /// which the unit provides.
    private func environment(_ scene: Scene, _ more: [String: String] = [:]) -> [String: String] {
        var environment = scene.environment
        environment["HF_TOKEN"] = nil
        let binary = URL(fileURLWithPath: Binary.path).deletingLastPathComponent().path
        environment["PATH"] = "\(binary):\(environment["PATH"] ?? "")"
        return environment.merging(more) { $1 }
    }

    /// Checks that the command deploys, and prints nothing when it is run again.
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

    @Test func `the crontab's command is a mirror pass, and a second pass prints nothing`() async throws {
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

    /// Returns the command of the service or its drop-in, with the environment that systemd would set.
    private func line(of name: String, _ scene: Scene) async throws -> (
        text: String, environment: [String: String]
    ) {
        let folder = scene.folder.path
        for name in ["etc", "credentials", "cache", "state"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try Data(try await settings(scene).utf8).write(to: URL(fileURLWithPath: folder + "/etc/spaces.conf"))
        try Data(Scene.token.utf8).write(to: URL(fileURLWithPath: folder + "/credentials/hub-token"))
        #expect(try value("LoadCredential").hasPrefix("hub-token:"))
        let pairs = try value("Environment").replacing("%S", with: folder + "/state")
            .replacing("%C", with: folder + "/cache").split(separator: " ")
            .map { $0.split(separator: "=").map { String($0) } }
        var own = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        own["CREDENTIALS_DIRECTORY"] = folder + "/credentials"
        let line = try value("ExecStart", of: name)
            .replacing("/usr/local/bin/spacesync", with: "spacesync")
            .replacing("/etc/spacesync/", with: folder + "/etc/")
        return (line, environment(scene, own))
    }

    private func value(_ key: String, of name: String = "spacesync.service") throws -> String {
        // A drop-in clears a setting with an empty line before it sets it again.
        let line = try lines(name).first { $0.hasPrefix(key + "=") && $0 != key + "=" }
        return String(try #require(line).dropFirst(key.count + 1))
    }

    @Test func `the service's command is a mirror pass with the environment from systemd`() async throws {
        let scene = try await Scene(), (line, environment) = try await line(of: "spacesync.service", scene)
        try await expectMirror(line, scene, environment)
        // State and cache are in the directories that systemd creates.
        let folder = scene.folder.path
        let cache = "\(folder)/cache/\(try value("CacheDirectory"))"
        #expect(FileManager.default.fileExists(atPath: cache + "/\(scene.passLockName)"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/cache").count == 1)
    }

    @Test(.timeLimit(.minutes(30)))
    func `the drop-in's command keeps running, and exits with the drop-in's success status`() async throws {
        let scene = try await Scene(), (line, environment) = try await line(of: "every.conf", scene)
        let free = line.replacing("127.0.0.1:9464", with: "127.0.0.1:0")
        #expect(free != line)
        let run = try LiveRun.start(
            "/bin/sh", ["-c", "exec " + free], environment: environment, directory: scene.folder.url)
        #expect(await run.says("pass: 1 deployed"), "\(run.err)")
        try #require(try value("ExecReload", of: "every.conf").contains("-HUP"))
        run.send(SIGHUP)
        run.send(SIGTERM)
        let ended = await run.end()
        let good = ["0", try value("SuccessExitStatus", of: "every.conf")]
        #expect(good.contains("\(ended.status)"), "\(ended)")
    }

    private static let systemd = Peer("systemd-analyze")

    @Test(.enabled(if: systemd.isWanted, Comment(rawValue: systemd.word)))
    func `systemd-analyze accepts service and timer`() async throws {
        let scratch = try TestDirectory()
        let service = try text("spacesync.service").replacing("/usr/local/bin/spacesync", with: Binary.path)
        let units = [
            try scratch.write("spacesync.service", service),
            try scratch.write("spacesync.timer", try text("spacesync.timer")),
        ].map(\.path)
        let systemd = try Self.systemd.found()
        try await expectVerified(units)
        // The exposure rating is from 0 (least exposed) to 100.
        let rated = try await run(
            systemd, ["security", "--offline=true", "--threshold=20", "--no-pager", units[0]])
        #expect(rated.status == 0, "\(rated)")
        let stays = try text("every.conf").replacing("/usr/local/bin/spacesync", with: Binary.path)
        try scratch.write("spacesync.service.d/every.conf", stays)
        try await expectVerified(units)
    }

    private func expectVerified(_ units: [String]) async throws {
        let verified = try await run(Self.systemd.found(), ["verify", "--man=no"] + units)
        #expect(verified.status == 0 && verified.err.isEmpty && verified.out.isEmpty, "\(verified)")
    }

    @Test func `the Containerfile passes check, with the files of a release`() async throws {
        let scene = try await Scene()
        let source = try await scene.source([
            "SHA256SUMS": "", "spacesync_1.0_amd64.deb": "", "Containerfile": try text("Containerfile"),
        ])
        let checked = try await scene.spacesync(
            "check", "me/x", "--sdk", "docker", "--dockerfile", "Containerfile", in: source.url)
        #expect(checked.status == 0 && !checked.out.contains("Dockerfile"), "\(checked)")
    }
}
