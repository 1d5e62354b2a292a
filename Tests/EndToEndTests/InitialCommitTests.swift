import Foundation
import TestSupport
import Testing

/// The Hub's initial commit in a new Space is recognised by its content (design 4.6).
struct InitialCommitTests {
    private static let hubsReadme = """
        ---
        title: Demo
        emoji: 🚀
        colorFrom: red
        colorTo: blue
        sdk: docker
        pinned: false
        ---

        Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference

        """

    /// Creates a Space whose history is one commit.
    private func space(_ scene: Scene, of files: [String: String], titled title: String = "initial commit")
        async throws
    {
        try await scene.makeSpace()
        let clone = try await scene.clone("me/demo", as: "first")
        try await clone.git("checkout", "-q", "--orphan", "fresh")
        try await clone.git("rm", "-rfq", ".")
        try await clone.commit(files, title)
        try await clone.git("push", "-qf", "origin", "fresh:main")
        scene.dropCache()
    }

    @Test(arguments: ["refuse", "source"])
    func `a user's commit titled "initial commit" keeps its files`(history: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await space(
            scene, of: ["README.md": Self.hubsReadme, "notes.txt": "mine\n", "app.py": "print('mine')\n"])
        let flags = history == "source" ? ["-c", "history=source"] : []
        for command in ["plan", "push"] {
            let run = try await scene.spacesync(
                [command, "me/demo", "--json"] + flags, in: source.url)
            #expect(run.status == 9, "\(run)")
            let guards = run.events("result").last?["guards"] as? [String]
            #expect(guards == [history == "source" ? "history" : "adopt"], "\(run)")
        }
        #expect(try await scene.clone("me/demo").paths() == ["README.md", "app.py", "notes.txt"])
    }

    @Test(arguments: [
        ["README.md": hubsReadme + "\nThis is about my work.\n"],
        ["README.md": hubsReadme.replacing("pinned", with: "# a remark\npinned")],
        ["README.md": "# Mine\n"],
        ["README.md": hubsReadme, "Dockerfile": "FROM scratch\n"],
    ])
    func `a user's additions to the Hub's files are guarded`(files: [String: String]) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await space(scene, of: files)
        let run = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(run.status == 9, "\(run)")
    }

    @Test(arguments: [
        (
            ["README.md": hubsReadme.replacing("pinned: false", with: "pinned: false\nmodels: [a/b]")],
            "models: [a/b]"
        ),
        (["README.md": hubsReadme, ".gitattributes": "*.csv text\n"], "*.csv text"),
        (["README.md": hubsReadme.replacing("\n", with: "\r\n")], "emoji: 🚀"),
    ])
    func `a key or rule that a user added is preserved without confirmation`(
        files: [String: String], kept: String
    )
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await space(scene, of: files)
        let run = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(run.status == 0, "\(run)")
        let clone = try await scene.clone("me/demo")
        let texts = ["README.md", ".gitattributes"].map { (try? clone.text($0)) ?? "" }
        #expect(texts.contains { $0.contains(kept) }, "\(texts)")
    }

    @Test(arguments: [
        ["README.md": hubsReadme],
        ["README.md": hubsReadme, ".gitattributes": "*.7z \(rule)\n*.zip \(rule)\n"],
        [
            "README.md": hubsReadme.replacing("title: Demo", with: "title: >-\n  A long\n  title")
                .replacing("pinned: false", with: "pinned: false\nlicense: mit\nshort_description: Hello")
        ],
    ])
    func `the Hub's own files are replaced, whatever the commit's title`(files: [String: String])
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await space(scene, of: files, titled: "Duplicate from somewhere")
        let run = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(run.status == 0, "\(run)")
    }

    private static let rule = "filter=lfs diff=lfs merge=lfs -text"

    @Test(arguments: ["docker", "gradio", "static"])
    func `a push to a newly created Space needs no confirmation`(sdk: String) async throws {
        let scene = try await Scene()
        let files =
            sdk == "docker"
            ? Scene.files
            : ["README.md": "---\ntitle: D\nsdk: \(sdk)\n---\n", "app.py": "", "index.html": "x\n"]
        let source = try await scene.source(files)
        try await scene.makeSpace("demo", sdk: sdk)
        try await scene.hub.forget()
        let run = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(run.status == 0, "\(run)")
        let git = try await scene.hub.asked().filter(\.isGit)
        #expect(git.count <= 4, "\(git)")
    }
}
