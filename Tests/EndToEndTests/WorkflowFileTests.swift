import Foundation
import TestSupport
import Testing

/// The Action, the workflows, the scripts and the examples for other CI systems.
struct WorkflowFileTests {
    private static let shellcheck = Peer("shellcheck")
    private static let schemas = Peer("check-jsonschema")
    private static let zizmor = Peer("zizmor")
    private static let workflows = [
        "hooks/action/action.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml",
        "hooks/github-actions.yml", "hooks/forgejo-actions.yml",
    ]

    private var environment: [String: String] { ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"] }

    private func expectNoFindings(
        _ program: Peer, _ arguments: [String], input: String = ""
    ) async throws {
        let checked = try await run(
            try program.found(), arguments, environment: environment, directory: PackageRoot.url,
            input: Data(input.utf8))
        #expect(checked.status == 0, "\(program.name) \(arguments): \(checked)\n\(input)")
    }

    @Test(.enabled(if: shellcheck.isWanted, Comment(rawValue: shellcheck.word)))
    func `shellcheck has no findings in scripts`() async throws {
        let folders = [".ci", "hooks", "hooks/action", "Tests/Release"]
        let scripts = try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(
                atPath: PackageRoot.url.appending(path: folder).path
            ).map { "\(folder)/\($0)" }
        }
        .filter {
            let text = try? String(contentsOf: PackageRoot.url.appending(path: $0), encoding: .utf8)
            return text?.prefix { $0 != "\n" }.firstMatch(of: /^#!.*\b(sh|bash)$/) != nil
        }
        #expect(Set(scripts).isSuperset(of: ["hooks/install.sh", ".ci/release", "hooks/action/deploy.sh"]))
        try await expectNoFindings(Self.shellcheck, scripts)
    }

    @Test(
        .enabled(if: shellcheck.isWanted && Peer.hf.isWanted, Comment(rawValue: shellcheck.word)),
        arguments: workflows)
    func `shellcheck has no findings in the run lines`(name: String) async throws {
        let documents = try await YAML.documents(PackageRoot.url.path + "/" + name)
        let lines = documents.flatMap { YAML($0).values(of: "run") }
        for line in lines {
            // An expression in a script would be run as code.
            #expect(!line.contains("${{"), "\(line)")
            try await expectNoFindings(Self.shellcheck, ["--shell=bash", "-"], input: line)
        }
    }

    @Test(.enabled(if: schemas.isWanted, Comment(rawValue: schemas.word)))
    func `the files match their schemas`() async throws {
        for (schema, files) in [
            ("github-actions", ["hooks/action/action.yml"]),
            ("github-workflows", Self.workflows.filter { !$0.hasSuffix("action.yml") }),
            ("gitlab-ci", ["hooks/gitlab-ci.yml"]),
        ] {
            try await expectNoFindings(Self.schemas, ["--builtin-schema", "vendor.\(schema)"] + files)
        }
    }

    @Test(.enabled(if: zizmor.isWanted, Comment(rawValue: zizmor.word)))
    func `zizmor has no findings`() async throws {
        try await expectNoFindings(
            Self.zizmor,
            ["--offline", "--no-progress", "hooks/action/action.yml", ".github/workflows/ci.yml"]
                + [".github/workflows/release.yml"])
    }

    @Test(
        .enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)),
        arguments: ["gitlab-ci.yml", "forgejo-actions.yml"])
    func `the lines of the other CI systems install a release and deploy`(name: String) async throws {
        let scene = try await Scene()
        let release = try await TestRelease.start()
        try FileManager.default.copyItem(
            at: PackageRoot.url.appending(path: "hooks/install.sh"),
            to: release.directory.url.appending(path: "v\(release.version)/install.sh"))
        let source = try await scene.source()
        try #require(try await scene.spacesync("create", "me/demo").status == 0)
        let documents = try await YAML.documents(PackageRoot.url.path + "/hooks/\(name)")
        let lines = documents.flatMap { YAML($0).values(of: "run") + YAML($0).values(of: "script") }
        let prefix = scene.folder.path + "/prefix"
        let script = lines.joined(separator: "\n")
            .replacing("https://github.com/$SPACESYNC_REPOSITORY", with: "$SPACESYNC_REPOSITORY")
            .replacing("/usr/local", with: prefix).replacing("owner/name", with: "me/demo")
        var environment = scene.environment
        environment["PATH"] = "\(prefix)/bin:/usr/bin:/bin"
        environment["SPACESYNC_REPOSITORY"] = release.repository
        environment["no_proxy"] = "127.0.0.1"
        let ran = try await run(
            "/bin/sh", ["-e", "-c", script], environment: environment, directory: source.url)
        #expect(ran.status == 0, "\(script)\n\(ran)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print('hello')\n")
    }

    @Test func `images have the Swift version of the package`() throws {
        func text(_ name: String) throws -> String {
            try String(contentsOf: PackageRoot.url.appending(path: name), encoding: .utf8)
        }
        let tools = try #require(
            try text("Package.swift").firstMatch(of: /swift-tools-version: (\d+\.\d+)/)?.1)
        for name in [".github/workflows/ci.yml", ".github/workflows/release.yml"] {
            let tags = try text(name).matches(of: /swift:(\d+\.\d+)-bookworm/).map(\.1)
            #expect(tags == [tools], "\(name)")
        }
    }

    @Test func `a tag that is not the version of the sources builds nothing`() async throws {
        let folder = try TestDirectory()
        let built = try await run(
            PackageRoot.url.path + "/.ci/release",
            ["--version", "v99.0.0", "--pack", Binary.path, "--out", folder.path],
            environment: ProcessInfo.processInfo.environment)
        #expect(
            built.status == 1 && built.err.hasPrefix("error: --version is 99.0.0, but the version in "),
            "\(built)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `the files of two architectures become one release, whose install.sh knows it`() async throws {
        let release = try await TestRelease.start()
        let folder = try TestDirectory()
        // The other architecture has the same content here.
        let text = try String(
            contentsOf: release.directory.url.appending(path: "v\(release.version)/SHA256SUMS"),
            encoding: .utf8)
        let built = release.archive.lastPathComponent
        let other =
            built.contains("arm64")
            ? built.replacing("arm64", with: "x86_64") : built.replacing("x86_64", with: "arm64")
        for name in [built, other] {
            try folder.write("\(name).d/SHA256SUMS", text.replacing(built, with: name))
            try FileManager.default.copyItem(
                atPath: release.archive.path, toPath: "\(folder.path)/\(name).d/\(name)")
        }
        let out = release.directory.path + "/v\(release.version)"
        var environment = ProcessInfo.processInfo.environment
        let url = try #require(URL(string: release.repository))
        environment["GITHUB_SERVER_URL"] = "http://127.0.0.1:\(try #require(url.port))"
        environment["GITHUB_REPOSITORY"] = "owner/spacesync"
        environment["GITHUB_REF_NAME"] = nil
        let assembled = try await run(
            PackageRoot.url.path + "/.ci/assemble",
            [out, "\(folder.path)/\(built).d", "\(folder.path)/\(other).d"], environment: environment)
        try #require(assembled.status == 0, "\(assembled)")
        let names = try FileManager.default.contentsOfDirectory(atPath: out)
        #expect(Set(names) == [built, other, "CHANGELOG", "SHA256SUMS", "install.sh"])
        let shown = try await run(
            "/bin/sh", [out + "/install.sh", "--show"],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
        #expect(shown.out.hasPrefix("version=\(release.version)\nchecksum="), "\(shown)")
        // A file that was changed on the way is not published.
        try folder.write("\(other).d/\(other)", "")
        let changed = try await run(
            PackageRoot.url.path + "/.ci/assemble", [out, "\(folder.path)/\(other).d"],
            environment: environment)
        #expect(changed.status != 0, "\(changed)")
    }

    @Test func `the changelog has the subjects of the commits, and bodies while there is room`() async throws
    {
        let folder = try GitFolder()
        try await folder.git("init", "-q", "-b", "main")
        let script = PackageRoot.url.appending(path: ".ci/changelog")
        try await folder.commit(
            [".ci/changelog": try String(contentsOf: script, encoding: .utf8)], "hub: old")
        try await folder.git("tag", "v0.1.0")
        try await folder.commit(
            ["a": "1"], "git: packs are smaller\n\nA pack had all objects.\n\nNow it has fewer.")
        try await folder.commit(["a": "2"], "Say something")
        try await folder.commit(["a": "3"], "git: fetch less")
        try await folder.git("tag", "v0.2.0")
        let changes = try await run(
            "/bin/bash", [folder.path + "/.ci/changelog", "v0.2.0"],
            environment: environment.merging(["HOME": folder.path]) { $1 })
        #expect(
            changes.out == """
                Changes since v0.1.0 in v0.2.0

                ### git

                - Fetch less
                - Packs are smaller
                  A pack had all objects.

                  Now it has fewer.

                ### other

                - Say something

                """, "\(changes)")
    }
}
