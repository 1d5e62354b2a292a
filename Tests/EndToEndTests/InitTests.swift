import Foundation
import TestSupport
import Testing

/// `init`: writes a working settings file.
struct InitTests {
    private let card = "---\ntitle: Demo\nsdk: gradio\n---\n# Demo\n"

    /// Runs init on a repository with these files, then a plan with the written settings; returns
    /// the settings, one per line.
    private func written(
        _ files: [String: String], _ flags: [String] = [], branches: [String] = []
    ) async throws -> (lines: [String], text: String) {
        let scene = try await Scene()
        let source = try await scene.source(files)
        try await source.git("branch", "-m", "main")
        for branch in branches { try await source.git("branch", branch) }
        let run = try await scene.spacesync(["init", "me/web"] + flags, in: source.url)
        #expect(run.status == 0 && !run.err.contains("warning"), "\(run)")
        #expect(run.err.contains("next: spacesync plan me/web"), "\(run)")
        #expect(run.out.isEmpty)
        let plan = try await scene.spacesync("plan", in: source.url)
        #expect(plan.status == 0 && !plan.out.isEmpty, "\(plan)")
        #expect(!plan.err.contains("Git reads this as"), "\(plan)")
        let text = try source.text(".spacesync")
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        return (lines.filter { !$0.hasPrefix("#") && !$0.hasPrefix("[") }, text)
    }

    @Test func `init writes detected settings with their reason`() async throws {
        let dockerfile = "FROM scratch\n"
        let plain = try await written(["Dockerfile": dockerfile])
        #expect(plain.lines == ["branch = main:main", "sdk = docker"])
        #expect(
            plain.text.contains("[space \"me/web\"]\n    # the current branch\n"),
            "\(plain.text)")
        let branch = try await written(["Dockerfile": dockerfile], branches: ["hf", "webai2hf", "x"])
        #expect(branch.lines.first == "branch = webai2hf:main")
        let own = try await written(["Dockerfile": dockerfile, "Dockerfile.hf": dockerfile])
        #expect(own.lines == ["branch = main:main", "dockerfile = Dockerfile.hf", "sdk = docker"])
        let alone = try await written(["hf/Dockerfile": dockerfile, "a": "a"])
        #expect(alone.lines == ["branch = main:main", "dockerfile = hf/Dockerfile", "sdk = docker"])
        let folder = try await written(["hf/Dockerfile": dockerfile, "hf/README.md": "# Hub\n", "a": "a"])
        #expect(folder.lines == ["branch = main:main", "map = hf/:/", "sdk = docker"])
        let deploy = try await written(["deploy/Dockerfile": dockerfile])
        #expect(deploy.lines == ["branch = main:main", "dockerfile = deploy/Dockerfile", "sdk = docker"])
    }

    @Test func `the SDK comes from the card, otherwise from the files`() async throws {
        let named = try await written(["README.md": card, "app.py": "1\n", "docker/Dockerfile": "FROM a\n"])
        #expect(named.lines == ["branch = main:main"])
        let gradio = try await written(["app.py": "1\n", "requirements.txt": "numpy\ngradio==5\n"])
        #expect(gradio.lines == ["branch = main:main", "sdk = gradio"])
        let imported = try await written(["app.py": "import gradio as gr\n", "index.html": "x"])
        #expect(imported.lines == ["branch = main:main", "sdk = gradio"])
        let page = try await written(["index.html": "<h1>\n", "README.md": "# Page\n"])
        #expect(page.lines == ["branch = main:main", "sdk = static"])
    }

    @Test func `flags become lines that Git parses to the same values`() async throws {
        let files = ["Dockerfile": "FROM scratch\n", "web/index.html": "x", "web/c#.txt": "x", "c.yaml": "x"]
        let flags = [
            "--branch", "main", "--root", "web", "--exclude", "c#.txt", "--exclude", "a \"b\"; c\\d", "--map",
            "c.yaml:etc/", "--sdk", "static", "-c", "card=title: \"A; B # C\"", "--create",
        ]
        let lines = try await written(files, flags).lines
        #expect(lines.contains("branch = main") && lines.contains("root = web"), "\(lines)")
        #expect(lines.contains("exclude = \"c#.txt\"") && lines.contains("map = c.yaml:etc/"), "\(lines)")
        #expect(lines.contains("exclude = \"a \\\"b\\\"; c\\\\d\""), "\(lines)")
        #expect(lines.contains("card = \"title: \\\"A; B # C\\\"\"") && lines.contains("create = true"))
    }

    @Test func `an existing file keeps its lines, and a Space has one section`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let old = "# mine\r\n[space \"me/other\"]\r\n\tbranch = webai2hf ; theirs\r\n  root = .  "
        try source.write([".spacesync": old])
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o640], ofItemAtPath: source.url.path + "/.spacesync")
        let first = try await scene.spacesync("init", "me/web", in: source.url)
        #expect(first.status == 0, "\(first)")
        let text = try source.text(".spacesync")
        #expect(text.hasPrefix(old + "\r\n\r\n[space \"me/web\"]\r\n"), "\(text)")
        let mode = try FileManager.default.attributesOfItem(atPath: source.url.path + "/.spacesync")
        #expect(mode[.posixPermissions] as? Int == 0o640)
        let again = try await scene.spacesync("init", "me/web", "--root", ".", in: source.url)
        #expect(again.status == 3, "\(again)")
        #expect(again.err.contains(".spacesync line 6: me/web already has a section"), "\(again)")
        #expect(again.err.contains("line 8 (branch = webai2hf:main)"), "\(again)")
        #expect(try source.text(".spacesync") == text)
        let forced = try await scene.spacesync(
            "init", "me/web", "--exclude", "x", "--force", in: source.url)
        #expect(forced.status == 0, "\(forced)")
        let replaced = try source.text(".spacesync")
        #expect(replaced.hasPrefix(old) && replaced.contains("exclude = x"))
        #expect(replaced.components(separatedBy: "[space \"me/web\"]").count == 2)
        let plan = try await scene.spacesync("plan", "me/web", in: source.url)
        #expect(plan.status == 0, "\(plan)")
    }

    @Test func `settings that would not work are not written`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(["notes.txt": "x\n"])
        func refused(_ flags: [String], _ status: Int32, _ words: String) async throws {
            let run = try await scene.spacesync(["init"] + flags, in: source.url)
            #expect(run.status == status && run.err.contains(words), "\(run)")
            #expect(!FileManager.default.fileExists(atPath: source.url.path + "/.spacesync"))
        }
        try await refused([], 2, "spacesync init owner/name")
        try await refused(["me/web"], 3, "me/web: cannot detect the sdk of the Space")
        try await refused(["me/web", "--sdk", "docker"], 6, "Dockerfile")
        try await refused(["me/web", "--sdk", "dokcer"], 2, "did you mean docker?")
        try await refused(["me/web", "--sdk", "static", "--map", "note.txt:/"], 3, "did you mean notes.txt?")
        try await refused(["me/web", "--branch", "mian"], 4, "mian")
        let nowhere = try await scene.spacesync("init", "me/web")
        #expect(nowhere.status == 4, "\(nowhere)")
        try await source.git("config", "core.bare", "true")
        let bare = try await scene.spacesync("init", "me/web", in: source.url)
        #expect(bare.status == 2 && bare.err.contains("config space."), "\(bare)")
    }

    @Test func `on a terminal init asks for the name, shows the file and asks before writing`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(named: "My app")
        for (answers, wrote) in [(["\n", "n\n"], false), ([""], false), (["\n", "\n"], true)] {
            let run = try await scene.onTerminal(
                "init", answering: answers, in: source.url, changing: ["HUGGINGFACE_USERNAME": "ada"])
            #expect(run.out.contains("Space (owner/name) [ada/My-app]: "), "\(run)")
            let exists = FileManager.default.fileExists(atPath: source.url.path + "/.spacesync")
            #expect(exists == wrote, "\(run)")
            if wrote {
                #expect(run.out.contains("[space \"ada/My-app\"]"), "\(run)")
                #expect(run.out.contains("next: spacesync plan ada/My-app"), "\(run)")
            }
        }
    }
}
