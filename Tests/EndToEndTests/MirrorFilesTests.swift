import Foundation
import TestSupport
import Testing

/// Files that a pass reads and writes, if they are links, pipes or devices.
struct MirrorFilesTests {
    private func fleet(_ scene: Scene) async throws -> Fleet {
        var fleet = Fleet(scene)
        fleet.add("me/a", from: try await Fleet.source(scene, "one", build: #"{"seconds":0}"#))
        return fleet
    }

    @Test func `a metrics file that is a link stays a link, and other special files are written to`()
        async throws
    {
        let scene = try await Scene(), fleet = try await fleet(scene), folder = scene.folder.path
        let link = folder + "/link.prom"
        try Data("old\n".utf8).write(to: URL(fileURLWithPath: folder + "/real.prom"))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real.prom")
        let words = try fleet.words("mirror", "--no-wait") + ["--metrics-file"]
        let pass = try await scene.spacesync(words + [link])
        #expect(pass.status == 0, "\(pass)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "real.prom")
        let real = try String(contentsOfFile: folder + "/real.prom", encoding: .utf8)
        #expect(real.contains("spacesync_outcome_ok"), "\(real)")
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/real.prom")[.posixPermissions]
        #expect(mode as? Int == 0o644)
        let out = try await scene.spacesync(words + ["/dev/stdout"])
        #expect(out.status == 0 && out.out.contains("spacesync_outcome_ok"), "\(out)")
        try #require(mkfifo(folder + "/pipe", 0o600) == 0)
        let unread = try await scene.spacesync(words + [folder + "/pipe"])
        #expect(unread.status == 3 && unread.err.contains("cannot be written"), "\(unread)")
        let type = try FileManager.default.attributesOfItem(atPath: folder + "/pipe")[.type]
        #expect(type as? FileAttributeType != .typeRegular)
        let empty = try await scene.spacesync(words + [""])
        #expect(empty.status == 2 && empty.err.contains("--metrics-file requires a file name"), "\(empty)")
    }

    @Test func `settings are read from any inherited file descriptor`() async throws {
        let scene = try await Scene(), fleet = try await fleet(scene)
        let words = try fleet.words("mirror", "--no-wait")
        let file = try #require(words.firstIndex(of: "--config")) + 1
        for number in 3...6 {
            var arguments = words
            arguments[file] = "/dev/fd/\(number)"
            let line = "exec \(number)< \"$1\"; shift; exec \"$@\""
            let pass = try await run(
                "/bin/sh", ["-c", line, "sh", words[file], Binary.path] + arguments,
                environment: scene.environment)
            #expect(pass.status == 0, "\(number): \(pass)")
        }
    }

    @Test(.timeLimit(.minutes(30)), arguments: [SIGTERM, SIGINT])
    func `a settings pipe without a writer does not block signals`(signal: Int32) async throws {
        let scene = try await Scene(), pipe = scene.folder.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        let run = try LiveRun.start(
            Binary.path, ["mirror", "--config", pipe], environment: scene.environment,
            directory: scene.folder.url)
        #expect(
            await eventually {
                ([run.id] + ProcessTable.children(of: run.id)).contains { self.holds($0, pipe) }
            })
        run.send(signal)
        #expect(await run.end().status != 0)
    }

    private func holds(_ process: Int32, _ path: String) -> Bool {
        let folder = "/proc/\(process)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasSuffix(
                "/pipe") == true
        }
    }

    @Test func `settings can come from a pipe, but not from a directory`() async throws {
        let scene = try await Scene(), fleet = try await fleet(scene)
        let words = try fleet.words("mirror", "--no-wait")
        let config = try #require(words.first { $0.hasSuffix(".conf") })
        let line = "(sleep 0.3; cat '\(config)') | \"$0\" mirror --no-wait --config /dev/stdin"
        let piped = try await run(
            "/bin/sh", ["-c", line, Binary.path], environment: scene.environment, directory: scene.folder.url)
        #expect(piped.status == 0 && piped.err.contains("pass: 1 pushed"), "\(piped)")
        let folder = try await scene.spacesync("mirror", "--config", scene.folder.path)
        #expect(folder.status == 3, "\(folder)")
    }

    @Test func `a pass without a lock prints a warning`() async throws {
        let scene = try await Scene(), fleet = try await fleet(scene)
        let pass = try await scene.spacesync(
            try fleet.words("mirror", "--no-wait"), changing: ["XDG_CACHE_HOME": "/dev/null"])
        #expect(
            pass.err.contains("cannot lock ")
                && pass.err.contains("\(scene.passLockName): passes may overlap"), "\(pass)")
    }
}
