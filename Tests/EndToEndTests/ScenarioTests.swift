import Foundation
import TestSupport
import Testing

/// Complete deployments as people do them by hand, by web deployer or by image build scripts, from
/// first push to RUNNING.
struct ScenarioTests {
    private func settings(_ text: String, in source: Repository) async throws {
        try await source.commit([".spacesync": text], "Bind")
    }

    private func push(_ scene: Scene, _ source: Repository, _ words: String...) async throws -> Finished {
        let pushed = try await scene.spacesync(["push", "-y"] + words, in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        return pushed
    }

    /// A web deployer takes five files by name from a repository behind a URL, writes the card, and waits.
    @Test func `five files of a repository behind a URL become a Space`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace("repository")
        let work = try await scene.clone("me/repository", as: "work")
        try await work.publish([
            "Dockerfile": "FROM node:20-slim\nWORKDIR /app\nCOPY package.json requirements.txt ./\n",
            "docker-compose.yml": "services: {}\n", "requirements.txt": "flask\n",
            "package.json": "{\"name\":\"x\"}\n", "README.md": "# A page without a card\n",
            "src/lib/huggingface.ts": "export {}\n", "public/index.html": "<html></html>\n",
        ])
        let include = ["Dockerfile", "docker-compose.yml", "requirements.txt", "package.json", "README.md"]
        let flags = include.flatMap { ["--include", "/" + $0] }
        let url = scene.hub.url + "/spaces/me/repository"
        let pushed = try await scene.spacesync(
            ["push", "me/site", "--source", url, "--create"] + flags, in: scene.folder.url)
        #expect(pushed.status == 0 && pushed.err.contains("me/site deployed"), "\(pushed)")
        #expect(pushed.out.hasPrefix("http://me-site.localhost:"), "\(pushed)")
        let clone = try await scene.clone("me/site")
        #expect(Set(try await clone.paths()) == Set(include + [".gitattributes"]))
        let readme = try clone.text("README.md")
        #expect(readme.hasPrefix("---\n") && readme.contains("sdk: docker"), "\(readme)")
        #expect(readme.hasSuffix("# A page without a card\n"), "\(readme)")
        #expect(try work.text("README.md") == "# A page without a card\n", "the source's page stays clean")
    }

    /// `git push origin webai2hf:main`, with a Space-specific configuration file in place of the default one.
    @Test func `a branch is mapped, and a file replaces another one`() async throws {
        let scene = try await Scene()
        let source = try await scene.source([
            "Dockerfile":
                "FROM node:20\nWORKDIR /app\nCOPY . .\nEXPOSE 7860\nCMD [\"node\", \"server.js\"]\n",
            "server.js": "1\n", "config.yaml": "server:\n  port: 3000\n",
            "config.hf.yaml": "server:\n  port: 7860\nbrowser:\n  headless: true\n",
            "README.md": "---\ntitle: WebAI2API\nemoji: 🎨\nsdk: docker\napp_port: 7860\n---\n# WebAI2API\n",
        ])
        try await source.git("branch", "main")
        try await settings(
            "[space \"me/webai2api\"]\n\tbranch = webai2hf:main\n\tmap = config.hf.yaml:config.yaml\n"
                + "\texclude = config.hf.yaml\n\tcreate = true\n", in: source)
        try await source.git("checkout", "-q", "main")
        try await source.git("checkout", "-q", "webai2hf", "--", ".spacesync")
        let pushed = try await push(scene, source)
        #expect(pushed.err.contains("webai2hf at") && pushed.err.contains("deployed"), "\(pushed)")
        let clone = try await scene.clone("me/webai2api")
        #expect(try clone.text("config.yaml") == source.text("config.hf.yaml"))
        #expect(try await !clone.paths().contains("config.hf.yaml"))
        #expect(try clone.text("README.md").contains("emoji: 🎨"))
        let again = try await push(scene, source)
        #expect(again.err.contains("unchanged"), "\(again)")
    }

    /// CI builds the image; the Space has only the `hf/` folder, and its `ARG BASE_IMAGE` is the
    /// image's digest.
    @Test func `an overlay on an image built by CI follows the image's tag`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let wrapper = "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nENV HOST=0.0.0.0\nENV PORT=7860\nEXPOSE 7860\n"
        let source = try await scene.source([
            "Dockerfile": "FROM python:3.12\nCOPY app app\n", "app/main.py": "1\n",
            "README.md": "# grok2api\n", ".github/workflows/docker.yml": "on: push\n",
            "hf/Dockerfile": wrapper, "hf/README_USAGE.md": "# Usage\n",
            "hf/README.md": "---\ntitle: grok2api\nsdk: docker\napp_port: 7860\n---\n# On the Hub\n",
            "hf/.env.example": "API_KEY=your-api-key\n",
        ])
        try await settings("[space \"me/grok\"]\n\troot = hf\n\tcreate = true\n", in: source)
        // A registry on the local machine must be set in the operator's own configuration.
        try await source.git("config", "space.me/grok.image", shelf.image)
        _ = try await push(scene, source)
        let clone = try await scene.clone("me/grok")
        let files = [".env.example", ".gitattributes", "Dockerfile", "README.md", "README_USAGE.md"]
        #expect(try await clone.paths().sorted() == files)
        let digest = "\(shelf.image)@\(ImageShelf.Build.first.digest)"
        #expect(
            try clone.text("Dockerfile")
                == wrapper.replacing("BASE_IMAGE\nFROM", with: "BASE_IMAGE=\(digest)\nFROM"))
        shelf.move()
        let moved = try await push(scene, source)
        #expect(moved.err.contains("image moved") && moved.err.contains("deployed"), "\(moved)")
    }

    /// The same overlay mapped over the whole source, and built by the Space.
    @Test func `an overlay on the whole source replaces the files of the same name`() async throws {
        let scene = try await Scene()
        let source = try await scene.source([
            "Dockerfile": "FROM python:3.12\nCOPY app app\n", "app/main.py": "1\n", "README.md": "# Page\n",
            "hf/Dockerfile": "FROM python:3.12-slim\nCOPY app app\nEXPOSE 7860\n",
            "hf/README.md": "---\ntitle: Overlay\nsdk: docker\n---\n# On the Hub\n", "hf/app/extra.py": "2\n",
        ])
        try await settings(
            "[space \"me/over\"]\n\tmap = hf/:/\n\texclude = /hf/\n\tcreate = true\n", in: source)
        _ = try await push(scene, source)
        let clone = try await scene.clone("me/over")
        let files = [".gitattributes", "Dockerfile", "README.md", "app/extra.py", "app/main.py"]
        #expect(try await clone.paths().sorted() == files)
        #expect(try clone.text("Dockerfile").contains("3.12-slim"))
        #expect(try clone.text("README.md").hasSuffix("# On the Hub\n"))
    }

    /// A folder with an app and its requirements, without build instructions.
    @Test func `a Flask folder without a Dockerfile runs, and its credentials are not deployed`() async throws
    {
        let scene = try await Scene()
        var app = "import os\nfrom flask import Flask\napp = Flask(__name__)\n"
        app +=
            "if __name__ == '__main__':\n    app.run(host='0.0.0.0', port=int(os.environ.get('PORT', 7860)))\n"
        let source = try await scene.source([
            "app.py": app, "requirements.txt": "flask\nrequests\n# pyyaml (if it is still needed)\nbrotli\n",
        ])
        let pushed = try await push(scene, source, "me/vs-ai-proxy", "--create")
        #expect(pushed.err.contains("generated a Dockerfile from template python"), "\(pushed)")
        #expect(pushed.err.contains("me/vs-ai-proxy deployed"), "\(pushed)")
        try await source.commit([".env": "VS_PASSWORD=correct-horse-battery-9\n"], "Oops")
        let refused = try await scene.spacesync("push", "me/vs-ai-proxy", in: source.url)
        #expect(refused.status == 9 && refused.err.contains(".env"), "\(refused)")
        #expect(!refused.err.contains("correct-horse"), "\(refused)")
    }

    @Test func `of three Spaces of one repository only those with changed files are built`() async throws {
        let scene = try await Scene()
        var files = ["shared/client.py": "1\n"]
        for name in ["api", "web", "worker"] {
            files["apps/\(name)/Dockerfile"] = "FROM python:3.12-slim\nCOPY . /app\n"
            files["apps/\(name)/main.py"] = "print('\(name)')\n"
        }
        let source = try await scene.source(files)
        try await settings(
            "[space]\n\tbranch = webai2hf\n\tcreate = true\n\tmap = shared/:lib/\n"
                + ["api", "web", "worker"].map { "[space \"me/\($0)\"]\n\troot = apps/\($0)\n" }.joined(),
            in: source)
        _ = try await push(scene, source)
        try await source.commit(["apps/web/main.py": "print('new')\n"], "Web")
        let one = try await push(scene, source)
        #expect(one.err.contains("me/web deployed"), "\(one)")
        #expect(one.err.contains("me/api unchanged") && one.err.contains("me/worker unchanged"), "\(one)")
        try await source.commit(["shared/client.py": "2\n"], "Shared")
        let all = try await push(scene, source)
        for name in ["api", "web", "worker"] {
            #expect(all.err.contains("me/\(name) deployed"), "\(all)")
            #expect(try await scene.clone("me/\(name)", as: name).text("lib/client.py") == "2\n")
        }
        #expect(one.out.split(separator: "\n").count == 3, "one URL for each Space: \(one)")
    }
}
