import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Sources without a Dockerfile: one is generated from a template, and the log says so.
struct TemplateTests {
    private static let flask = [
        "app.py": "from flask import Flask\napp = Flask(__name__)\n", "requirements.txt": "flask\ngunicorn\n",
        "README.md": "---\ntitle: Flask\nsdk: docker\n---\n",
    ]
    private static let node = [
        "package.json": #"{"name":"x","scripts":{"start":"node server.js"}}"#, "server.js": "1\n",
    ]

    private func bare(_ files: [String: String]) -> [String: String] {
        files.filter { $0.key != "README.md" }
    }

    @Test func `a Flask folder is deployed unchanged, and a second push changes nothing`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.flask)
        let push = try await scene.spacesync("push", "me/web", "--create", in: source.url)
        #expect(push.status == 0, "\(push)")
        #expect(
            push.err.contains(
                "generated a Dockerfile from template python: found requirements.txt and app.py"))
        #expect(push.err.contains("gunicorn serves app from app.py"), "\(push)")
        let written = try await scene.clone("me/web").text("Dockerfile")
        #expect(
            written.hasPrefix("# Written by spacesync from requirements.txt and app.py by template = python.")
        )
        #expect(written.contains("CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:7860\", \"app:app\"]"))
        let again = try await scene.spacesync("push", "me/web", in: source.url)
        #expect(again.status == 0 && again.err.contains("unchanged"), "\(again)")
        #expect(try await source.paths() == ["README.md", "app.py", "requirements.txt"])
    }

    @Test func `without an sdk, a Node folder becomes a docker Space`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.node)
        let push = try await scene.spacesync("push", "me/web", "--create", "--no-wait", in: source.url)
        #expect(push.status == 0, "\(push)")
        let clone = try await scene.clone("me/web")
        #expect(try clone.text("Dockerfile").contains("FROM node:"))
        #expect(try clone.text("README.md").contains("sdk: docker"))
        #expect(try await scene.spacesync("push", "me/web", in: source.url).err.contains("unchanged"))
    }

    @Test func `env, command and port are in the generated Dockerfile, and the card has the port`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(bare(Self.flask))
        let plan = try await scene.spacesync(
            "plan", "me/web", "--diff", "-c", "env=GREETING=good morning", "-c", "port=8000", "-c",
            "command=python -m web", in: source.url)
        #expect(plan.status == 0, "\(plan)")
        for line in [
            "+ENV GREETING=\"good morning\"", "+EXPOSE 8000", "+CMD [\"python\", \"-m\", \"web\"]",
            "+app_port: 8000", "+sdk: docker",
        ] { #expect(plan.out.contains(line), "\(line): \(plan)") }
        let card = try await scene.spacesync(
            "plan", "me/web", "--diff", "-c", "card=app_port: 8001", in: source.url)
        #expect(card.out.contains("+EXPOSE 8001") && card.out.contains("+app_port: 8001"), "\(card)")
    }

    @Test(arguments: ["gradio", "static"])
    func `a Space with another SDK gets no Dockerfile`(sdk: String) async throws {
        let scene = try await Scene()
        let files = bare(Self.flask).merging(["index.html": "<p>"]) { $1 }
        let source = try await scene.source(files)
        let plan = try await scene.spacesync("plan", "me/web", "--sdk", sdk, in: source.url)
        #expect(plan.status == 0 && !plan.out.contains("Dockerfile"), "\(plan)")
        let named = try await scene.spacesync(
            "plan", "me/web", "--sdk", sdk, "-c", "template=python", in: source.url)
        #expect(
            named.status == 0 && named.err.contains("is not needed: a \(sdk) Space has no Dockerfile"),
            "\(named)")
        let env = try await scene.spacesync("plan", "me/web", "--sdk", sdk, "-c", "env=A=1", in: source.url)
        #expect(env.status == 3 && env.err.contains("env: no Dockerfile is generated"), "\(env)")
    }

    @Test func `env, command and port are refused if the source has its own Dockerfile`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let plan = try await scene.spacesync(
            "plan", "me/web", "-c", "env=A=1", "-c", "port=80", "-c", "command=x", in: source.url)
        #expect(plan.status == 3, "\(plan)")
        #expect(plan.err.contains("env, command and port: no Dockerfile is generated for me/web"), "\(plan)")
        #expect(plan.err.contains("a variable in the Space's settings"), "\(plan)")
        let template = try await scene.spacesync("plan", "me/web", "-c", "template=node", in: source.url)
        #expect(template.status == 0 && template.err.contains("template = node is not needed"), "\(template)")
    }

    @Test func `if no template fits, the refusal suggests what to do`() async throws {
        let scene = try await Scene()
        let notes = try await scene.source(["notes.txt": "1\n"])
        let unknown = try await scene.spacesync("push", "me/web", "--create", in: notes.url)
        #expect(
            unknown.status == 3 && unknown.err.contains("spacesync push me/web --create --sdk docker"),
            "\(unknown)")
        let docker = try await scene.spacesync("check", "me/web", "--sdk", "docker", in: notes.url)
        #expect(docker.status == 6, "\(docker)")
        for words in [
            "none is generated: the root contains no requirements.txt", "template = python, command = python",
        ] {
            #expect(docker.out.contains(words), "\(words): \(docker)")
        }
        let python = try await scene.spacesync("plan", "me/web", "-c", "template=python", in: notes.url)
        #expect(python.status == 3 && python.err.contains("nothing to start"), "\(python)")
        let both = try await scene.source(Self.node.merging(bare(Self.flask)) { $1 }, named: "both")
        let either = try await scene.spacesync("push", "me/web", "--create", "--sdk", "docker", in: both.url)
        #expect(
            either.status == 6 && either.err.contains("template = python or template = node"), "\(either)")
        let gradio = try await scene.source(["app.py": "import gradio as gr\n"], named: "gradio")
        let asked = try await scene.spacesync("plan", "me/web", in: gradio.url)
        #expect(asked.status == 3 && asked.err.contains("with sdk = gradio the Hub installs it"), "\(asked)")
        #expect(try await scene.hub.api("GET", "/spaces/me/web").status == 404)
    }

    @Test func `check covers the Dockerfile that would be generated`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(bare(Self.flask).merging([".dockerignore": "*.txt\n"]) { $1 })
        let check = try await scene.spacesync("check", "me/web", in: source.url)
        #expect(check.status == 6 && check.out.contains("COPY requirements.txt"), "\(check)")
    }

    @Test func `a Dockerfile preserved by keep is not replaced`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        #expect(
            try await scene.spacesync("push", "me/web", "--create", "--no-wait", in: source.url).status == 0)
        try await source.git("rm", "-q", "Dockerfile")
        try await source.git("commit", "-q", "-m", "No Dockerfile")
        let kept = try await scene.spacesync("plan", "me/web", "-c", "keep=Dockerfile", in: source.url)
        #expect(kept.status == 0 && kept.out.contains("= Dockerfile"), "\(kept)")
    }

    @Test func `init writes the template that fits`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(bare(Self.flask))
        let run = try await scene.spacesync("init", "me/web", in: source.url)
        #expect(run.status == 0, "\(run)")
        let text = try source.text(".spacesync")
        #expect(text.contains("sdk = docker\n") && text.contains("template = python\n"), "\(text)")
        #expect(try await scene.spacesync("push", "--create", "--no-wait", in: source.url).status == 0)
        let (layered, shelf) = (try await scene.source(["a.txt": "1\n"], named: "layered"), try ImageShelf())
        let image = try await scene.spacesync("init", "me/lay", "--image", shelf.image, in: layered.url)
        #expect(image.status == 0 && shelf.calls.isEmpty, "\(image)")
        #expect(try layered.text(".spacesync").contains("image = \(shelf.image)\n"))
    }
}

/// `cardFile`: the card in a separate file, so that the README has only text for people.
struct CardFileTests {
    private static let files = [
        "Dockerfile": "FROM python:3.12-slim\nCMD [\"python\"]\n", "README.md": "# For people\n",
        "meta/card.yaml": "title: From the file\nemoji: \"🐳\"\nsdk: docker\ntags:\n- a\n- b\n",
    ]

    private func deployed(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> String {
        let line = ["push", "me/web", "--create", "--no-wait", "-c", "cardFile=meta/card.yaml"] + flags
        let push = try await scene.spacesync(line, in: source.url)
        #expect(push.status == 0, "\(push)")
        return try await scene.clone("me/web", as: "clone-\(UInt32.random(in: 0...UInt32.max))").text(
            "README.md")
    }

    @Test func `the README's card overrides the file, and the settings override both`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.files)
        let plain = try await deployed(scene, source)
        #expect(plain.contains("title: From the file\n") && plain.contains("tags:\n- a\n- b\n"), "\(plain)")
        #expect(plain.hasSuffix("# For people\n"))
        try await source.commit(["README.md": "---\ntitle: Mine\n---\n# For people\n"], "Title")
        let own = try await deployed(scene, source)
        #expect(own.contains("title: Mine\n") && own.contains("emoji: \"🐳\""), "\(own)")
        let set = try await deployed(scene, source, "-c", "card=title: Set")
        #expect(set.contains("title: Set\n") && set.contains("tags:\n- a\n- b\n"), "\(set)")
    }

    @Test func `without a README in the source, a changed card file changes the Space's card`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.files.filter { $0.key != "README.md" })
        #expect(try await deployed(scene, source).contains("title: From the file\n"))
        try await source.commit(["meta/card.yaml": "title: Anew\nsdk: docker\ntags: [c]\n"], "Anew")
        let anew = try await deployed(scene, source)
        #expect(anew.contains("title: Anew\n") && anew.contains("tags: [c]\n"), "\(anew)")
        #expect(!anew.contains("- a"), "\(anew)")
        let line = ["push", "me/web", "-c", "cardFile=meta/card.yaml"]
        #expect(try await scene.spacesync(line, in: source.url).err.contains("unchanged"))
    }

    @Test func `a missing or invalid card file is named`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.files)
        let missing = try await scene.spacesync(
            "plan", "me/web", "-c", "cardFile=meta/card.yml", in: source.url)
        #expect(missing.status == 3 && missing.err.contains("did you mean meta/card.yaml?"), "\(missing)")
        try await source.commit(["meta/card.yaml": "title: x\na: b: c\n"], "Break")
        let broken = try await scene.spacesync(
            "plan", "me/web", "-c", "cardFile=meta/card.yaml", in: source.url)
        #expect(broken.status == 6 && broken.err.contains("meta/card.yaml: line 2:"), "\(broken)")
    }
}
