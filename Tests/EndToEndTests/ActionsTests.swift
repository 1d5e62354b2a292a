import Foundation
import TestSupport
import Testing

/// End-to-end tests of runs inside a GitHub Actions job, with the output as the runner parses it.
struct ActionsTests {
    /// Build log lines that the runner would execute as workflow commands.
    private static let evil = [
        "::error::evil", "  ::set-output name=outcome::evil", "##[error]evil", "fine ##[add-mask]evil",
        "::stop-commands::evil", "::endgroup::",
    ]

    private func source(_ scene: Scene) async throws -> Repository {
        let log = String(decoding: try JSONEncoder().encode(Self.evil), as: UTF8.self)
        return try await scene.source(
            Scene.files.merging([".hub.json": "{\"build\":{\"log\":\(log)}}", "::error::file": "x"]) { $1 })
    }

    private func expectNoToken(_ step: WorkflowStep) {
        #expect(!step.everything.contains(Scene.token), "\(step.everything)")
    }

    @Test func `a push groups its log, sets outputs, and no build log line is a workflow command`()
        async throws
    {
        let scene = try await Scene()
        let step = try await scene.step("push", "me/demo", "--create", in: try await source(scene).url)
        #expect(step.finished.status == 0, "\(step.finished)")
        #expect(step.runner.titles == ["me/demo"] && step.runner.commands.count == 2, "\(step.finished)")
        let logLines = step.runner.lines(in: "me/demo")
        for line in Self.evil {
            #expect(logLines.contains { $0.hasSuffix("build | \(line)") }, "\(line): \(step.finished)")
        }
        // The result is printed outside of the group, so that it is visible without unfolding.
        #expect(step.runner.lines(in: nil).contains { $0.contains("me/demo deployed at") })
        let url = try #require(try await scene.hub.json("/spaces/me/demo")["host"] as? String)
        #expect(step.finished.out == "\(url)\n")
        let head = try await scene.clone("me/demo").head()
        let space = "\(scene.hub.url)/spaces/me/demo"
        #expect(step.outputs["outcome"] == "deployed" && step.outputs["commit"] == head)
        #expect(step.outputs["app-url"] == url && step.outputs["space-url"] == space)
        #expect(step.summary.contains("| [me/demo](\(space)) | deployed |"), "\(step.summary)")
        #expect(step.summary.contains("`\(head.prefix(7))`") && step.summary.contains(url))
        expectNoToken(step)
        // Workflow commands are enabled again after the group, for the step's other programs.
        var runner = step.runner
        runner.read("::notice::ours")
        #expect(runner.commands.last?.name == "notice")
    }

    @Test func `a failed build is an error annotation with its hint and appears in the job summary`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging(["Dockerfile": "FROM python:3.12\nCOPY app.py .\nRUN false\n"]) { $1 })
        let step = try await scene.step("push", "me/demo", "--create", in: source.url)
        #expect(step.finished.status == 7, "\(step.finished)")
        let error = try #require(step.runner.named("error").first, "\(step.finished)")
        #expect(step.runner.named("error").count == 1 && error.properties["title"] == "me/demo failed")
        #expect(error.message.contains("failed step: RUN false\n"), "\(error)")
        #expect(error.message.contains("\nhint: fix the failing step"), "\(error)")
        // The annotation follows the group and is not hidden inside it.
        #expect(step.runner.commands.map(\.name) == ["group", "endgroup", "error"])
        #expect(step.summary.contains("**failed** (exit code 7)"), "\(step.summary)")
        #expect(step.summary.contains("\nhint: fix the failing step"), "\(step.summary)")
        #expect(step.outputs["outcome"] == "failed")
        expectNoToken(step)
    }

    @Test(arguments: ["push", "plan", "check"])
    func `a finding is annotated with its file and line in the repository`(command: String) async throws {
        let scene = try await Scene()
        let files = Scene.files.merging([
            "Dockerfile": "FROM python:3.12\nCOPY nowhere.py .\nCMD [\"python\", \"app.py\"]\n"
        ]) { $1 }
        let below = Dictionary(uniqueKeysWithValues: files.map { ("app/\($0)", $1) })
        let source = try await scene.source(below)
        let flags = command == "check" ? [] : ["--create"]
        let step = try await scene.step([command, "me/demo", "--root", "app"] + flags, in: source.url)
        #expect(step.finished.status == 6, "\(step.finished)")
        let errors = step.runner.named("error")
        #expect(errors.count == 2, "\(step.finished)")
        let finding = try #require(errors.first)
        #expect(finding.properties["file"] == "app/Dockerfile" && finding.properties["line"] == "2")
        #expect(finding.message.hasPrefix("COPY nowhere.py: no such path"), "\(finding)")
        #expect(errors.last?.properties["file"] == nil, "\(errors)")
        #expect(step.summary.contains("Dockerfile:2: COPY nowhere.py"), "\(step.summary)")
    }

    @Test func `warnings are annotations too`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging(["settings.json": "{\n\"api_token\": \"zq81-plutonium-hamster\"\n}\n"]) { $1 }
        )
        let step = try await scene.step("push", "me/demo", "--create", "--no-wait", in: source.url)
        let warning = try #require(
            step.runner.named("warning").first { $0.properties["file"] == "settings.json" },
            "\(step.finished)")
        #expect(warning.properties["line"] == "2" && !step.everything.contains("plutonium"), "\(warning)")
    }

    @Test func `each of two targets has its own group, and the outputs list both results`() async throws {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        fleet.add("me/a", from: try await Fleet.source(scene, "one"))
        fleet.add(
            "me/b", from: try await Fleet.source(scene, "two", dockerfile: "FROM python:3.12\nRUN false\n"))
        let step = try await scene.step(fleet.words("push"))
        #expect(step.finished.status == 7, "\(step.finished)")
        #expect(Set(step.runner.titles).isSuperset(of: ["me/a", "me/b"]), "\(step.finished)")
        for (space, other) in [("me/a", "two: "), ("me/b", "one: ")] {
            let logLines = step.runner.shown.filter { $0.group?.hasPrefix(space) == true }.map(\.line)
            #expect(logLines.contains { $0.contains("commit ") }, "\(step.finished)")
            #expect(!logLines.contains { $0.contains(" \(other)") }, "\(space): \(step.finished)")
        }
        #expect(step.runner.named("error").map { $0.properties["title"] } == ["me/b failed"])
        #expect(step.outputs["outcome"] == nil && step.outputs["commit"] == nil)
        let results = try #require(step.outputs["results"])
        let list = try JSONSerialization.jsonObject(with: Data(results.utf8)) as? [[String: Any]] ?? []
        let outcomes = Set(list.map { "\($0["space"] ?? ""): \($0["outcome"] ?? ""), \($0["exit"] ?? "")" })
        #expect(outcomes == ["me/a: deployed, 0", "me/b: failed, 7"], "\(results)")
        #expect(step.summary.split(separator: "\n").count { $0.hasPrefix("| [me/") } == 2)
        expectNoToken(step)
    }

    @Test func `with --json, standard output is only JSON and contains no workflow command`() async throws {
        let scene = try await Scene()
        let step = try await scene.step(
            "push", "me/demo", "--create", "--json", in: try await source(scene).url)
        #expect(step.finished.status == 0, "\(step.finished)")
        #expect(step.finished.events.count == step.finished.out.split(separator: "\n").count)
        #expect(WorkflowRunner(step.finished.out).commands.isEmpty, "\(step.finished)")
        let log = step.finished.events("log").compactMap { $0["line"] as? String }
        #expect(Set(log).isSuperset(of: Self.evil), "the same values: \(log)")
        #expect(step.runner.commands.isEmpty && step.outputs["outcome"] == "deployed", "\(step.finished)")
        let failed = try await scene.step("push", "me/none", "--json", in: scene.folder.url)
        #expect(failed.runner.named("error").count == 1, "\(failed.finished)")
        #expect(failed.finished.events.last?["event"] as? String == "result")
    }

    @Test func `source content on standard output is never parsed as a workflow command`()
        async throws
    {
        let scene = try await Scene()
        let source = try await source(scene)
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        let readme = try source.text("README.md")
        try await source.commit(
            ["README.md": readme + Self.evil.joined(separator: "\n") + "\n"], "##[error]evil")
        let step = try await scene.step("plan", "me/demo", "--diff", in: source.url)
        #expect(step.finished.out.contains("evil"), "\(step.finished)")
        #expect(WorkflowRunner(step.finished.out).commands.isEmpty, "\(step.finished)")
        #expect(step.runner.commands.isEmpty, "\(step.finished)")
        #expect(step.summary.contains("planned: 1 updated"), "\(step.summary)")
    }

    @Test func `output and summary files that cannot be written cause a warning`() async throws {
        let scene = try await Scene()
        let step = try await scene.step(
            ["push", "me/demo", "--create", "--no-wait"], in: try await scene.source().url,
            changing: ["GITHUB_OUTPUT": "/nowhere/at/all", "GITHUB_STEP_SUMMARY": scene.folder.path])
        #expect(step.finished.status == 0, "\(step.finished)")
        let warnings = step.runner.named("warning").map(\.message)
        #expect(warnings.contains { $0.hasPrefix("GITHUB_OUTPUT (/nowhere/at/all) cannot be written: ") })
        #expect(warnings.contains { $0.hasPrefix("GITHUB_STEP_SUMMARY ") }, "\(step.finished)")
    }

    @Test func `an invalid command line is an error annotation`() async throws {
        let step = try await Scene().step("psuh")
        #expect(step.finished.status == 2 && step.runner.named("error").count == 1, "\(step.finished)")
        #expect(step.outputs["outcome"] == "refused" && step.outputs["results"] == "[]")
    }

    @Test func `outside GitHub Actions, and in a hook, no workflow commands are printed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let plain = try await scene.step(
            ["push", "me/demo", "--create"], in: source.url, changing: ["GITHUB_ACTIONS": "false"])
        #expect(plain.finished.status == 0 && plain.outputs.isEmpty && plain.summary.isEmpty)
        #expect(!plain.finished.err.contains("::"), "\(plain.finished)")
        let hook = try await scene.step("hook", "status", in: source.url)
        #expect(!hook.finished.err.contains("::") && hook.summary.isEmpty, "\(hook.finished)")
    }
}
