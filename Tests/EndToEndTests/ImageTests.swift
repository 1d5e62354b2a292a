import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Layered builds: a Space based on an external image, pinned to the digest that the registry returns.
struct ImageTests {
    private static let page = ["README.md": "---\ntitle: Layers\n---\n# Layers\n"]
    private static let layered = [
        "Dockerfile": "# On what CI made.\nARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nCOPY app.py .\n",
        "app.py": "1\n", "README.md": "---\ntitle: Layers\nsdk: docker\n---\n",
    ]

    private func push(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> Finished {
        try await scene.spacesync(["push", "me/lay", "--create", "--no-wait"] + flags, in: source.url)
    }

    @Test func `a wrapper Dockerfile pins the image's digest, and a second push changes nothing`()
        async throws
    {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.page)
        let first = try await scene.spacesync(
            "push", "me/lay", "--create", "--image", shelf.image, in: source.url)
        #expect(first.status == 0, "\(first)")
        #expect(
            first.err.contains("image \(shelf.image) has digest \(ImageShelf.Build.first.short)"), "\(first)")
        let clone = try await scene.clone("me/lay")
        let lines = try clone.text("Dockerfile").split(separator: "\n")
        #expect(lines.first?.hasPrefix("# Written by spacesync from image = \(shelf.image).") == true)
        #expect(lines.contains("FROM \(shelf.image)@\(ImageShelf.Build.first.digest)"))
        #expect(lines.contains("EXPOSE 7860"))
        #expect(try clone.text("README.md").contains("sdk: docker"))
        let message = try await clone.git("log", "-1", "--format=%B")
        #expect(
            message.contains("\nBase-Image: \(shelf.image)@\(ImageShelf.Build.first.digest)\n"), "\(message)")
        let asked = shelf.calls.count
        let second = try await push(scene, source, "--image", shelf.image)
        #expect(second.status == 0 && second.err.contains("unchanged"), "\(second)")
        // The image of the last deploy is checked with HEAD, which does not count as a pull.
        #expect(shelf.calls.dropFirst(asked).map(\.method) == ["HEAD"])
    }

    @Test func `a moved tag is a change, and the plan shows the old and the new digest`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.page)
        #expect(try await push(scene, source, "--image", shelf.image).status == 0)
        shelf.move()
        let line = ["plan", "me/lay", "--image", shelf.image]
        let plan = try await scene.spacesync(line + ["--diff", "--exit-code"], in: source.url)
        #expect(plan.status == 10, "\(plan)")
        let (old, new) = (ImageShelf.Build.first, ImageShelf.Build.second)
        #expect(plan.out.contains("~ Dockerfile  image moved: \(old.short) → \(new.short)"), "\(plan)")
        #expect(plan.out.contains("+FROM \(shelf.image)@\(new.digest)"), "\(plan)")
        let json = try await scene.spacesync(line + ["--json"], in: source.url)
        #expect(json.events("planned").last?["updated"] as? Int == 1, "\(json)")
        let push = try await push(scene, source, "--image", shelf.image)
        #expect(push.status == 0 && push.err.contains("image moved"), "\(push)")
        #expect(try await scene.clone("me/lay").text("Dockerfile").contains(new.digest))
    }

    @Test func `with pin = false the tag is kept, and a moved tag is reported`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.page)
        let flags = ["--image", shelf.image, "-c", "pin=false"]
        let line = ["push", "me/lay", "--create", "--no-wait"] + flags
        #expect(try await scene.spacesync(line, in: source.url).status == 0)
        #expect(try await scene.clone("me/lay").text("Dockerfile").contains("FROM \(shelf.image)\n"))
        shelf.move()
        let again = try await scene.spacesync(line, in: source.url)
        #expect(again.status == 0 && again.err.contains("unchanged"), "\(again)")
        #expect(again.err.contains("image moved") && again.err.contains("--rebuild"), "\(again)")
    }

    @Test func `a saved plan is refused if the tag has moved`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.page)
        let file = scene.folder.path + "/plan.json"
        let plan = try await scene.spacesync(
            "plan", "me/lay", "--image", shelf.image, "--out", file, in: source.url)
        #expect(plan.status == 0, "\(plan)")
        let line = ["push", "--plan", file, "--create", "--no-wait", "--image", shelf.image]
        shelf.move()
        let late = try await scene.spacesync(line, in: source.url)
        #expect(late.status == 9, "\(late)")
        #expect(late.err.contains("the image: was \(shelf.image)@"), "\(late)")
        _ = try await scene.spacesync(
            "plan", "me/lay", "--image", shelf.image, "--out", file, in: source.url)
        #expect(try await scene.spacesync(line, in: source.url).status == 0)
    }

    @Test func `ARG BASE_IMAGE in a Dockerfile is set to the image, every other byte is unchanged`()
        async throws
    {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.layered)
        let push = try await push(scene, source, "--image", shelf.image)
        #expect(push.status == 0 && push.err.contains("BASE_IMAGE from image = "), "\(push)")
        let written = try await scene.clone("me/lay").text("Dockerfile")
        let pinned = "\(shelf.image)@\(ImageShelf.Build.first.digest)"
        #expect(
            written
                == Self.layered["Dockerfile"]?.replacing(
                    "ARG BASE_IMAGE\n", with: "ARG BASE_IMAGE=\(pinned)\n"))
        let none = try await scene.spacesync("check", "me/lay", in: source.url)
        #expect(
            none.status == 0 && none.out.contains("has no value unless the Space has a variable"), "\(none)")
    }

    @Test func `files mapped from hf are added, and their Dockerfile is built on the image`()
        async throws
    {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source([
            "README.md": "# For GitHub\n", "src/main.c": "1\n", "hf/conf.yaml": "a: 1\n",
            "hf/README.md": "---\ntitle: Layers\nsdk: docker\napp_port: 8000\n---\n",
            "hf/Dockerfile": "ARG BASE_IMAGE=ghcr.io/o/old:1\nFROM ${BASE_IMAGE}\nCOPY conf.yaml /\n",
        ])
        let flags = ["--map", "hf/:/", "--exclude", "/src/", "--exclude", "/hf/", "--image", shelf.image]
        let line = ["push", "me/lay", "--create", "--no-wait"] + flags
        let push = try await scene.spacesync(line, in: source.url)
        #expect(push.status == 0, "\(push)")
        let clone = try await scene.clone("me/lay")
        #expect(try await clone.paths() == [".gitattributes", "Dockerfile", "README.md", "conf.yaml"])
        #expect(try clone.text("Dockerfile").hasPrefix("ARG BASE_IMAGE=\(shelf.image)@sha256:"))
        #expect(try clone.text("README.md").contains("app_port: 8000"))
        #expect(try await scene.spacesync(line, in: source.url).err.contains("unchanged"))
    }

    @Test func `a Dockerfile without ARG BASE_IMAGE is refused with the lines to add`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source()
        let push = try await push(scene, source, "--image", shelf.image)
        #expect(push.status == 3, "\(push)")
        #expect(push.err.contains("image = \(shelf.image): the Dockerfile has no ARG BASE_IMAGE"), "\(push)")
        #expect(push.err.contains("FROM ${BASE_IMAGE}"), "\(push)")
        let gradio = try await scene.source(
            ["README.md": "---\ntitle: G\nsdk: gradio\n---\n", "app.py": "1\n"], named: "gradio")
        let other = try await self.push(scene, gradio, "--image", shelf.image)
        #expect(other.status == 3 && other.err.contains("but the card has sdk: gradio"), "\(other)")
        #expect(try await scene.hub.api("GET", "/spaces/me/lay").status == 404)
    }

    @Test func `a missing image stops the deploy before anything is created`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.page)
        let tag = try await push(scene, source, "--image", "\(shelf.host)/o/app:edgy")
        #expect(tag.status == 6 && tag.err.contains("no such tag"), "\(tag)")
        #expect(tag.err.contains("did you mean edge?"), "\(tag)")
        let arm = try await push(scene, source, "--image", "\(shelf.host)/o/arm:1")
        #expect(arm.status == 6 && arm.err.contains("not built for linux/amd64"), "\(arm)")
        shelf.breakDown()
        let down = try await push(scene, source, "--image", shelf.image)
        #expect(down.status == 75, "\(down)")
        let nobody = try await push(scene, source, "--image", "127.0.0.1:9/o/app:1")
        #expect(nobody.status == 75 && nobody.err.contains("127.0.0.1:9"), "\(nobody)")
        #expect(try await scene.hub.api("GET", "/spaces/me/lay").status == 404)
    }

    @Test func `a private image is refused, with or without its credentials`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.page)
        let image = "\(shelf.host)/o/private:1"
        let closed = try await push(scene, source, "--image", image)
        #expect(closed.status == 5 && closed.err.contains("private or does not exist"), "\(closed)")
        // Tokens of the Hub or of a source's host are never sent to a registry.
        #expect(shelf.calls.allSatisfy { $0.headers["authorization"] == nil })
        let settings = try scene.folder.write(
            "settings", "[source \"http://\(shelf.host)\"]\n\ttoken = env:READER\n\tusername = ada\n")
        let line = ["push", "me/lay", "--create", "--image", image, "--config", settings.path]
        let seen = try await scene.spacesync(
            line, in: source.url, changing: ["READER": ImageShelf.password, "GITHUB_TOKEN": "nobody's"])
        #expect(seen.status == 5 && seen.err.contains("the Hub cannot pull it"), "\(seen)")
        #expect(!(seen.out + seen.err).contains(ImageShelf.password))
        #expect(try await scene.hub.api("GET", "/spaces/me/lay").status == 404)
    }

    @Test func `a settings file from the source cannot cause requests to a loopback registry`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let section = "[space \"me/lay\"]\n\tcreate = true\n\timage = \(shelf.image)\n"
        let source = try await scene.source(Self.page.merging([".spacesync": section]) { $1 })
        let push = try await scene.spacesync("push", in: source.url)
        #expect(push.status == 3 && push.err.contains("\(shelf.host) is not contacted"), "\(push)")
        #expect(push.err.contains("--image \(shelf.image)"), "\(push)")
        #expect(shelf.calls.isEmpty)
        try await source.git("config", "space.me/lay.image", shelf.image)
        try await source.commit([".spacesync": "[space \"me/lay\"]\n\tcreate = true\n"], "Mind")
        #expect(try await scene.spacesync("push", "--no-wait", in: source.url).status == 0)
    }

    @Test func `check makes no registry requests, export writes what a push would send`() async throws {
        let (scene, shelf) = (try await Scene(), try ImageShelf())
        let source = try await scene.source(Self.page)
        let check = try await scene.spacesync("check", "me/lay", "--image", shelf.image, in: source.url)
        #expect(check.status == 0 && check.err.contains("its registry is not contacted"), "\(check)")
        #expect(shelf.calls.isEmpty)
        let out = scene.folder.url.appending(path: "out")
        let export = try await scene.spacesync(
            "export", "me/lay", out.path, "--image", shelf.image, "-c", "port=8080", "-c", "env=A=b c", "-c",
            "command=serve --all", in: source.url)
        #expect(export.status == 0, "\(export)")
        let written = try String(contentsOf: out.appending(path: "Dockerfile"), encoding: .utf8)
        for line in [
            "@\(ImageShelf.Build.first.digest)\n", "ENV A=\"b c\"\n", "ENV PORT=8080\n", "EXPOSE 8080\n",
            "CMD [\"serve\", \"--all\"]\n",
        ] { #expect(written.contains(line), "\(line): \(written)") }
        let readme = try String(contentsOf: out.appending(path: "README.md"), encoding: .utf8)
        #expect(readme.contains("app_port: 8080") && readme.contains("sdk: docker"))
    }
}
