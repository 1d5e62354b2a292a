import Foundation
import TestSupport
import Testing

/// The steps of `hooks/action/action.yml`, run as GitHub's runner runs them, with a local release server
/// and the local Hub.
@Suite(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
struct ActionRunTests {
    private let scene: Scene
    private let release: TestRelease

    init() async throws {
        scene = try await Scene()
        release = try await TestRelease.start()
    }

    /// Runs the Action in a checkout.
    private func action(
        _ inputs: [String: String], in directory: URL, changing: [String: String] = [:]
    ) async throws -> ActionRun {
        try await scene.action(inputs, in: directory, release: release, changing: changing)
    }

    @Test func `it installs a release, deploys, and sets all outputs; the next run uses the cache`()
        async throws
    {
        let source = try await scene.source()
        let first = try await action(["space": "me/demo", "create": "true"], in: source.url)
        #expect(first.finished.status == 0, "\(first)")
        let head = try await scene.clone("me/demo").head()
        let url = try #require(try await scene.hub.json("/spaces/me/demo")["host"] as? String)
        #expect(first.outputs["outcome"] == "deployed" && first.outputs["commit"] == head, "\(first)")
        #expect(first.outputs["app-url"] == url, "\(first)")
        #expect(first.outputs["space-url"] == "\(scene.hub.url)/spaces/me/demo")
        #expect(first.outputs["results"]?.contains("\"outcome\":\"deployed\"") == true)
        #expect(first.summary.contains("| [me/demo]("), "\(first)")
        #expect(first.path.hasSuffix("/spacesync/bin\n"))
        #expect(try await scene.hub.json("/spaces/me/demo")["private"] as? Bool == true)
        #expect(WorkflowRunner(first.finished.err).titles == ["me/demo"], "\(first)")
        let second = try await action(["space": "me/demo"], in: source.url)
        #expect(second.outputs["outcome"] == "unchanged", "\(second)")
        #expect(release.downloads == 1, "\(release.requests)")
        #expect(!"\(first) \(second)".contains(Scene.token))
    }

    @Test func `inputs become flags, and none of them is run by a shell`() async throws {
        let files = [
            "app/app.py": "", "app/b.py": "", "app/b c.txt": "", "app/$(touch x).txt": "", "top.py": "",
        ]
        let source = try await scene.source(files)
        let run = try await action(
            [
                "space": "me/demo", "create": "TRUE", "root": "app", "sdk": "gradio", "wait": "false",
                "visibility": "public", "timeout": "5m", "branch": "webai2hf:main",
                "include": "*.py\n\n*.txt\n", "exclude": "b.py\r\n",
                "args": "-m 'Say $(touch y) \"hi\"' --force=drift",
            ], in: source.url)
        #expect(run.finished.status == 0 && run.outputs["outcome"] == "pushed", "\(run)")
        let clone = try await scene.clone("me/demo")
        let paths = Set(try await clone.paths())
        #expect(paths.isSuperset(of: ["app.py", "b c.txt", "$(touch x).txt"]), "\(paths)")
        #expect(paths.isDisjoint(with: ["b.py", "top.py", "app"]), "\(paths)")
        #expect(try await clone.git("log", "-1", "--format=%s") == "Say $(touch y) \"hi\"")
        #expect(try await scene.hub.json("/spaces/me/demo")["private"] as? Bool == false)
        #expect(try await source.git("status", "--porcelain") == "", "no file was made")
    }

    @Test func `a failed build fails the step, with its outputs and annotation`() async throws {
        let source = try await scene.source(
            Scene.files.merging(["Dockerfile": "FROM python:3.12\nCOPY app.py .\nRUN false\n"]) { $1 })
        let run = try await action(["space": "me/demo", "create": "true"], in: source.url)
        #expect(run.finished.status == 7 && run.outputs["outcome"] == "failed", "\(run)")
        #expect(WorkflowRunner(run.finished.err).named("error").count == 1, "\(run)")
    }

    @Test(arguments: [
        (["create": "yes"], "the input create is \"yes\"; it must be true or false"),
        (["wait": "10m"], "the input wait is \"10m\"; it must be true or false"),
        (["args": "-m 'x"], "the input args has an unmatched quote"),
        (["huggingface_repo_id": "me/demo"], "the inputs space and huggingface_repo_id are the same"),
    ])
    func `an invalid input is an error before anything is sent`(
        inputs: [String: String], message: String
    ) async throws {
        let source = try await scene.source()
        let run = try await action(inputs.merging(["space": "me/demo"]) { $1 }, in: source.url)
        #expect(run.finished.status == 2, "\(run)")
        let errors = WorkflowRunner(run.finished.out).named("error")
        #expect(errors.count == 1 && errors.first?.message.hasPrefix(message) == true, "\(run)")
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test func `a full tag of the Action selects its release, and the input version another one`()
        async throws
    {
        let source = try await scene.source()
        let tag = try await action(
            ["space": "me/demo"], in: source.url, changing: ["TEST_ACTION_REF": "v9.8.7"])
        #expect(tag.finished.status == 1, "\(tag)")
        #expect(release.requests.contains { $0.hasSuffix("/v9.8.7/SHA256SUMS") }, "\(release.requests)")
        let error = WorkflowRunner(tag.finished.out).named("error").first?.message
        #expect(error?.hasPrefix("no release was found in \(release.repository)") == true, "\(tag)")
        let named = try await action(
            ["space": "me/demo", "create": "true", "wait": "false", "version": release.version],
            in: source.url, changing: ["TEST_ACTION_REF": "v9.8.7"])
        #expect(named.finished.status == 0, "\(named)")
        #expect(!release.requests.contains { $0.contains("/latest/") }, "\(release.requests)")
    }

    @Test func `in a shallow checkout it fetches the commits for the guards, without their files`()
        async throws
    {
        let source = try await scene.source()
        try await source.git("config", "uploadpack.allowFilter", "true")
        try await source.git("config", "uploadpack.allowAnySHA1InWant", "true")
        let old = try await source.head()
        try await source.commit(["app.py": "print(2)\n"], "Second")
        let reference = ["GITHUB_REF": "refs/heads/webai2hf", "CI": "true"]
        let deployed = try await action(
            ["space": "me/demo", "create": "true", "wait": "false"], in: source.url, changing: reference)
        #expect(deployed.finished.status == 0, "\(deployed)")
        // A job of the older commit comes late.
        let checkout = Repository(
            url: scene.folder.url.appending(path: "checkout"), home: scene.folder.path + "/home")
        try FileManager.default.createDirectory(at: checkout.url, withIntermediateDirectories: true)
        try await checkout.git("init", "-q")
        try await checkout.git("remote", "add", "origin", "file://\(source.url.path)")
        try await checkout.git("fetch", "-q", "--depth", "1", "origin", old)
        try await checkout.git("checkout", "-q", "-B", "webai2hf", "FETCH_HEAD")
        let late = try await action(["space": "me/demo"], in: checkout.url, changing: reference)
        #expect(late.finished.status == 0 && late.outputs["outcome"] == "superseded", "\(late)")
        #expect(try await checkout.git("rev-parse", "--is-shallow-repository") == "false")
        #expect(try await checkout.git("rev-list", "--count", "origin/webai2hf") == "2")
        let missing = try await checkout.git(
            "rev-list", "--objects", "--missing=print", "origin/webai2hf")
        #expect(missing.split(separator: "\n").contains { $0.hasPrefix("?") }, "\(missing)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print(2)\n")
    }

    @Test func `if the commits cannot be fetched, it warns and deploys`() async throws {
        let source = try await scene.source()
        try await source.commit(["app.py": "print(2)\n"], "Second")
        let checkout = Repository(
            url: scene.folder.url.appending(path: "checkout"), home: scene.folder.path + "/home")
        try await source.git(
            "clone", "-q", "--depth", "1", "file://\(source.url.path)", checkout.url.path)
        try await checkout.git("remote", "set-url", "origin", "file:///nowhere")
        let run = try await action(["space": "me/demo", "create": "true"], in: checkout.url)
        #expect(run.finished.status == 0 && run.outputs["outcome"] == "deployed", "\(run)")
        let warning = WorkflowRunner(run.finished.out).named("warning").first?.message
        #expect(warning?.contains("set fetch-depth: 0") == true, "\(run)")
    }
}

/// A run of the Action.
struct ActionRun: CustomStringConvertible {
    var finished: Finished
    var outputs: [String: String]
    var summary: String
    /// What was added to PATH for later steps.
    var path: String

    var description: String { "\(finished)\n\(outputs)\n\(summary)" }
}

extension Scene {
    /// Runs the Action in a checkout. Its cache is kept between the runs of a scene.
    func action(
        _ inputs: [String: String], in directory: URL, release: TestRelease, changing: [String: String] = [:]
    ) async throws -> ActionRun {
        let python =
            URL(fileURLWithPath: try Peer.hf.found()).deletingLastPathComponent().path + "/python3"
        let root = PackageRoot.url.path, state = folder.path + "/action"
        for name in ["summary", "path", "outputs.json"] {
            try? FileManager.default.removeItem(atPath: "\(state)/\(name)")
        }
        var environment = environment
        environment["HF_TOKEN"] = nil
        environment["no_proxy"] = "127.0.0.1"
        environment["TEST_ACTION_REPOSITORY"] = release.repository
        environment["GITHUB_WORKSPACE"] = directory.path
        let isTokenGiven = ["hf-token", "hf_token"].contains { inputs[$0] != nil }
        let inputs = inputs.merging(isTokenGiven ? [:] : ["hf-token": Self.token]) { $1 }
        let finished = try await run(
            python,
            ["\(root)/Tests/Release/run_action.py", "\(root)/hooks/action", state]
                + inputs.map { "\($0)=\($1)" },
            environment: environment.merging(changing) { $1 }, directory: directory)
        func text(_ name: String) -> String {
            (try? String(contentsOfFile: "\(state)/\(name)", encoding: .utf8)) ?? ""
        }
        let outputs = try JSONSerialization.jsonObject(with: Data(text("outputs.json").utf8))
        return ActionRun(
            finished: finished, outputs: outputs as? [String: String] ?? [:], summary: text("summary"),
            path: text("path"))
    }
}
