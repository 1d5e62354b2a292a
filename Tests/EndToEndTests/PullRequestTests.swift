import Foundation
import TestSupport
import Testing

/// CI jobs for pull requests: the checkout is untrusted (design 3.4).
struct PullRequestTests {
    private static let secret = "the-runner's-own-value"

    private func job(_ changes: [String: String?] = [:]) -> [String: String?] {
        ["GITHUB_EVENT_NAME": "pull_request", "DEPLOY_TOKEN": Self.secret].merging(changes) { $1 }
    }

    /// A deployed Space, and a source whose newest commit adds these lines to `.spacesync`.
    private func branch(_ lines: String, section: String = "[space \"me/demo\"]") async throws
        -> (Scene, Repository)
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(first.status == 0, "\(first)")
        try await source.commit(
            [".spacesync": "\(section)\n\(lines)\n", "app.py": "print('theirs')\n"], "Theirs")
        try await scene.hub.forget()
        return (scene, source)
    }

    @Test(arguments: [
        "secret = X=env:HF_TOKEN", "secret = DEPLOY_TOKEN", "variable = X=env:DEPLOY_TOKEN",
        "source = /etc", "notify = https://evil.test/x", "notify = env:DEPLOY_TOKEN",
        "probeHeader = X-Key: env:DEPLOY_TOKEN", "add = .git/config:x", "image = evil.test/x:1",
        "hardware = a100-large", "visibility = public", "trace = none", "allowCredential = *",
        "rollbackOnFailure = true", "create = true", "drift = overwrite", "secret = X=file:/etc/passwd",
    ])
    func `keys that a remote source may not set are refused by name in a pull request too`(line: String)
        async throws
    {
        let (scene, source) = try await branch("\t" + line)
        for command in ["push", "plan"] {
            let run = try await scene.spacesync(
                command, "me/demo", "--yes", in: source.url, changing: job())
            let key = line.prefix { $0 != " " }
            #expect(run.status == 3 || run.status == 2, "\(command): \(run)")
            if command == "push" {
                #expect(run.status == 3 && run.err.contains("pull request"), "\(run)")
                #expect(run.err.contains("git config --add spacesync.trust \(key)"), "\(run)")
            }
            #expect(!(run.out + run.err).contains(Self.secret), "\(run)")
        }
        let asked = try await scene.hub.asked()
        #expect(asked.isEmpty, "\(asked)")
    }

    @Test func `another Space can be chosen only by flags and the operator's settings`() async throws {
        let (scene, source) = try await branch("", section: "[space \"me/other\"]\n\tbranch = webai2hf")
        for command in ["push", "plan", "check", "status"] {
            let run = try await scene.spacesync(command, in: source.url, changing: job())
            #expect(run.status == 3, "\(command): \(run)")
            #expect(run.err.contains("git config --add spacesync.allowSpace me/other"), "\(run)")
        }
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.contains("me/other") })
        let named = try await scene.spacesync("push", "me/demo", in: source.url, changing: job())
        #expect(named.status == 0, "\(named)")
        try await source.git("config", "--add", "spacesync.allowSpace", "me/other")
        let allowed = try await scene.spacesync(
            "push", "me/other", "--create", in: source.url, changing: job())
        #expect(allowed.status == 0, "\(allowed)")
    }

    @Test func `content settings are applied, and trust allows single other keys`() async throws {
        let (scene, source) = try await branch("\tcard = title: Theirs\n\tvariable = MODE=env:MODE")
        let refused = try await scene.spacesync("push", "me/demo", in: source.url, changing: job())
        #expect(refused.status == 3, "\(refused)")
        try await source.git("config", "--add", "spacesync.trust", "variable")
        let run = try await scene.spacesync(
            "push", "me/demo", in: source.url, changing: job(["MODE": "fast"]))
        #expect(run.status == 0, "\(run)")
        #expect(try await scene.clone("me/demo").text("README.md").contains("title: Theirs"))
        try await source.git("config", "--add", "spacesync.trust", "secret")
        try await source.commit(
            [".spacesync": "[space \"me/demo\"]\n\tsecret = X=file:/etc/passwd\n"], "A file")
        let file = try await scene.spacesync("push", "me/demo", in: source.url, changing: job())
        #expect(file.status == 3 && file.err.contains("git config --add 'space.me/demo.secret' "), "\(file)")
    }

    @Test(arguments: [
        ["GITHUB_EVENT_NAME": "pull_request"], ["GITHUB_EVENT_NAME": "pull_request_target"],
        ["GITHUB_EVENT_NAME": "pull_request_review"], ["GITHUB_EVENT_NAME": "merge_group"],
        ["GITHUB_EVENT_NAME": "workflow_run"], ["GITHUB_EVENT_NAME": "issue_comment"],
        ["FORGEJO_EVENT_NAME": "pull_request"], ["GITEA_EVENT_NAME": "pull_request"],
        ["CI_MERGE_REQUEST_ID": "12"], ["CI_EXTERNAL_PULL_REQUEST_IID": "3"],
        ["GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/pull/3/merge"],
        ["TRAVIS_PULL_REQUEST": "7"], ["BITBUCKET_PR_ID": "7"], ["CI_PIPELINE_EVENT": "pull_request"],
    ])
    func `every event that runs for a pull request is recognised`(environment: [String: String]) async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit([".spacesync": "[space \"me/demo\"]\n\twake = true\n"], "Wake")
        let run = try await scene.spacesync(
            "plan", "me/demo", in: source.url, changing: environment.mapValues { Optional($0) })
        #expect(run.status == 3 && run.err.contains("spacesync.trust wake"), "\(run)")
    }

    @Test(arguments: [
        ["GITHUB_EVENT_NAME": "push"], ["GITHUB_EVENT_NAME": "workflow_dispatch"],
        ["GITHUB_EVENT_NAME": "schedule"], ["TRAVIS_PULL_REQUEST": "false"], [:],
    ])
    func `other jobs, and people, trust their own working tree`(environment: [String: String]) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit([".spacesync": "[space \"me/demo\"]\n\twake = true\n"], "Wake")
        let run = try await scene.spacesync(
            "plan", in: source.url, changing: environment.mapValues { Optional($0) })
        #expect(run.status == 0, "\(run)")
    }

    @Test func `a settings file in the checkout is untrusted, even if a flag names it`()
        async throws
    {
        let (scene, source) = try await branch("\troot = .")
        try await source.commit(["ci.conf": "[space \"me/demo\"]\n\tsecret = DEPLOY_TOKEN\n"], "Conf")
        let run = try await scene.spacesync(
            "push", "me/demo", "--config", "ci.conf", in: source.url, changing: job())
        #expect(run.status == 3 && run.err.contains("spacesync.trust secret"), "\(run)")
        // In a subdirectory, through a link to it, uncommitted, and from outside the checkout.
        try source.write(["sub/own.conf": "[space \"me/demo\"]\n\tsecret = DEPLOY_TOKEN\n"])
        try FileManager.default.createSymbolicLink(
            at: source.url.appending(path: "linked"), withDestinationURL: source.url.appending(path: "sub"))
        try FileManager.default.createSymbolicLink(
            at: scene.folder.url.appending(path: "outside"),
            withDestinationURL: source.url.appending(path: "sub"))
        for (config, directory) in [
            ("sub/own.conf", source.url), ("linked/own.conf", source.url),
            (source.url.lastPathComponent + "/sub/own.conf", scene.folder.url),
            ("outside/own.conf", scene.folder.url),
        ] {
            let run = try await scene.spacesync(
                "push", "me/demo", "--source", source.url.path, "--config", config, in: directory,
                changing: job())
            #expect(run.status == 3 && run.err.contains("spacesync.trust secret"), "\(config) \(run)")
        }
        // A file outside every checkout belongs to the operator.
        let own = try scene.folder.write("own.conf", "[space \"me/demo\"]\n\tsecret = DEPLOY_TOKEN\n")
        let plan = try await scene.spacesync(
            "plan", "me/demo", "--config", own.path, in: source.url, changing: job())
        #expect(plan.status == 0, "\(plan)")
    }

    @Test func `a link in place of the settings file is not followed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let private_ = scene.folder.url.appending(path: "netrc")
        try Data("machine x password walrus-and-carpenter\n".utf8).write(to: private_)
        try FileManager.default.createSymbolicLink(
            at: source.url.appending(path: ".spacesync"), withDestinationURL: private_)
        let run = try await scene.spacesync("plan", "me/demo", in: source.url, changing: job())
        #expect(run.status == 3 && run.err.contains("not a regular file"), "\(run)")
        #expect(!(run.out + run.err).contains("walrus"), "\(run)")
    }
}
