import Foundation
import TestSupport
import Testing

/// `hook install`, `uninstall` and `status`, also beside existing hooks.
struct HookInstallTests {
    private let hooks = "hooks/post-receive"

    /// A bare repository without a hook.
    private func scene() async throws -> HookScene {
        let hook = try await HookScene()
        try FileManager.default.removeItem(at: hook.bare.url.appending(path: hooks))
        return hook
    }

    private func call(_ hook: HookScene, _ words: String..., changing: [String: String?] = [:]) async throws
        -> Finished
    {
        try await hook.scene.spacesync(["hook"] + words, in: hook.bare.url, changing: changing)
    }

    private func everything(_ hook: HookScene) throws -> [String: String] {
        let manager = FileManager.default
        var found: [String: String] = [:]
        for name in try manager.subpathsOfDirectory(atPath: hook.bare.url.path) {
            let path = hook.bare.url.appending(path: name).path
            let attributes = try manager.attributesOfItem(atPath: path)
            let mode = "\(attributes[.posixPermissions] ?? "")"
            let link = try? manager.destinationOfSymbolicLink(atPath: path)
            found[name] = mode + " " + (link ?? (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
        }
        return found
    }

    private func write(_ text: String, to path: URL, mode: Int = 0o755) throws {
        try Data(text.utf8).write(to: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.path)
    }

    @Test func `an installed hook deploys on a server without the binary on its PATH`() async throws {
        let hook = try await scene()
        try await hook.bind()
        let installed = try await call(hook, "install")
        #expect(installed.status == 0 && installed.err.contains("webai2hf -> me/demo"), "\(installed)")
        let script = hook.bare.url.appending(path: hooks).path
        #expect(FileManager.default.isExecutableFile(atPath: script) && access(script, W_OK) == 0)
        let pushed = try await hook.push("webai2hf", changing: ["PATH": "/usr/bin:/bin"])
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
    }

    @Test func `uninstall restores every byte after installing twice`() async throws {
        let hook = try await scene()
        let before = try everything(hook)
        for _ in 1...2 { #expect(try await call(hook, "install").status == 0) }
        #expect(try await hook.bare.git("config", "receive.advertisePushOptions") == "true")
        for _ in 1...2 { #expect(try await call(hook, "uninstall").status == 0) }
        #expect(try everything(hook) == before)
    }

    @Test func `an existing hook runs first with the same input, and uninstall restores it exactly`()
        async throws
    {
        let hook = try await scene()
        try await hook.bind()
        let path = hook.bare.url.appending(path: hooks)
        let theirs =
            "#!/bin/sh\necho \"their hook in $(basename \"$(dirname \"$0\")\"\"\ncat > seen\nexit 3\n"
            .replacing("\")\"\"", with: "\")\")\"")
        try write(theirs, to: path, mode: 0o744)
        let before = try everything(hook)
        for _ in 1...2 {
            let installed = try await call(hook, "install")
            #expect(installed.status == 0, "\(installed)")
        }
        let status = try await call(hook, "status")
        #expect(status.out.contains("post-receive.before-spacesync"), "\(status)")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.status == 0 && pushed.err.contains("their hook in hooks"), "\(pushed)")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
        #expect(try hook.bare.text("seen").hasSuffix(" refs/heads/webai2hf\n"))
        for name in ["seen", "spacesync/log"] {
            try FileManager.default.removeItem(at: hook.bare.url.appending(path: name))
        }
        #expect(try await call(hook, "uninstall").status == 0)
        let after = try everything(hook)
        #expect(
            after.filter { !$0.key.contains("objects") && !$0.key.contains("refs") }
                == before.filter { !$0.key.contains("objects") && !$0.key.contains("refs") })
    }

    @Test func `if the existing hook runs a directory of hooks, install adds a file there`() async throws {
        let hook = try await scene()
        try await hook.bind()
        let parts = hook.bare.url.appending(path: hooks + ".d")
        try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
        let theirs = """
            #!/bin/sh
            refs=$(cat)
            for part in "$(dirname "$0")/$(basename "$0").d"/*; do printf '%s\\n' "$refs" | "$part"; done
            """
        try write(theirs, to: hook.bare.url.appending(path: hooks))
        let before = try everything(hook)
        #expect(try await call(hook, "install").status == 0)
        #expect(try hook.bare.text(hooks) == theirs)
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
        #expect(try await call(hook, "status", "--json").out.contains("post-receive.d/spacesync"))
        #expect(try await call(hook, "uninstall").status == 0)
        #expect(
            try everything(hook).filter { $0.key.hasPrefix("hooks") }
                == before.filter { $0.key.hasPrefix("hooks") })
    }

    @Test(arguments: ["setting", "link", "hook"])
    func `shared hooks are refused unless their directory is given`(sharing: String) async throws {
        let hook = try await scene()
        try await hook.bind()
        let common = hook.scene.folder.url.appending(path: "common")
        try FileManager.default.createDirectory(at: common, withIntermediateDirectories: true)
        let own = hook.bare.url.appending(path: "hooks")
        switch sharing {
        case "setting": try await hook.configure(["core.hooksPath": common.path])
        case "link":
            try FileManager.default.removeItem(at: own)
            try FileManager.default.createSymbolicLink(at: own, withDestinationURL: common)
        default:
            try write("#!/bin/sh\n", to: common.appending(path: "post-receive"))
            try FileManager.default.createSymbolicLink(
                at: own.appending(path: "post-receive"),
                withDestinationURL: common.appending(path: "post-receive"))
        }
        let before = try everything(hook)
        let refused = try await call(hook, "install")
        #expect(refused.status == 9 && refused.err.contains("--hooks \(common.path)"), "\(refused)")
        #expect(try everything(hook) == before)
        let named = try await call(hook, "install", "--hooks", common.path)
        #expect(named.status == 0, "\(named)")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
    }

    @Test func `a missing part of the hook's setup is reported with the command that adds it`() async throws {
        let hook = try await scene()
        let installed = try await call(hook, "install", changing: ["HF_TOKEN": nil])
        let config = "git -C \(hook.bare.url.path) config"
        #expect(installed.err.contains("\(config) space.owner/name.branch"), "\(installed)")
        try await hook.bind("production")
        let bound = try await call(hook, "status", changing: ["HF_TOKEN": nil])
        #expect(bound.out.contains("production -> me/demo (not pushed yet)"), "\(bound)")
        #expect(bound.err.contains("\(config) account.me.token file:"), "\(bound)")
        try await hook.work.git("tag", "-a", "-m", "One", "production")
        try await hook.work.git("push", "-q", "--no-verify", "origin", "refs/tags/production")
        let tagged = try await call(hook, "status")
        #expect(tagged.out.contains("production -> me/demo\n"), "\(tagged)")
        let shell = try await call(hook, "status")
        #expect(shell.err.contains("which may not be available to a hook"), "\(shell)")
    }

    @Test func `status shows which hook would run, and the bindings in a branch's settings`() async throws {
        let hook = try await scene()
        try await hook.configure(["spacesync.allowSpace": "me/*"])
        try await hook.work.commit([".spacesync": "[space \"me/demo\"]\n\tbranch = webai2hf\n"], "Bind")
        _ = try await hook.push("webai2hf")
        let absent = try await call(hook, "status")
        #expect(absent.status == 0 && absent.out.contains("not installed"), "\(absent)")
        #expect(absent.err.contains("spacesync hook install \(hook.bare.url.path)"), "\(absent)")
        _ = try await call(hook, "install")
        let status = try await call(hook, "status")
        for words in ["version 0.1.0", "webai2hf -> me/demo", "push options  advertised"] {
            #expect(status.out.contains(words), "\(words)\(status)")
        }
    }

    @Test func `push options that the operator disabled stay disabled`() async throws {
        let hook = try await scene()
        try await hook.configure(["receive.advertisePushOptions": "false"])
        let installed = try await call(hook, "install")
        #expect(installed.err.contains("push options are disabled here"), "\(installed)")
        _ = try await call(hook, "uninstall")
        #expect(try await hook.bare.git("config", "receive.advertisePushOptions") == "false")
    }

    @Test func `a missing repository or an unknown subcommand gets a suggestion`() async throws {
        let hook = try await scene()
        let nowhere = try await call(hook, "install", "/nowhere")
        #expect(
            nowhere.status == 4 && nowhere.err.contains("spacesync hook install /srv/git/web.git"),
            "\(nowhere)")
        let mistyped = try await call(hook, "instal")
        #expect(mistyped.status == 2 && mistyped.err.contains("did you mean install?"), "\(mistyped)")
    }
}
