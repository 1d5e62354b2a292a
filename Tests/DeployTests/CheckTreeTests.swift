import Testing

@testable import Deploy
@testable import SpacesModel

@Suite struct CheckTreeTests {
    /// Returns the findings for a tree with these files. A path ending in `/` is a directory with a
    /// file in it.
    static func findings(
        _ files: [Path: String], card: String = "sdk: docker", others: [Path: FileListing.File] = [:]
    ) -> [Finding] {
        var listing = FileListing(others.map { ($0.key, $0.value) })
        var contents: [Path: [UInt8]] = ["README.md": Array("---\n\(card)\n---\n".utf8)]
        for (path, text) in files { contents[path] = Array(text.utf8) }
        for path in contents.keys { listing.add(FileListing.File(.file, size: 1), at: path) }
        return TreeCheck(listing, contents: contents.filter { TreeCheck.reads($0.key) }).findings()
    }

    private static func docker(_ body: String, ignore: String? = nil, card: String = "sdk: docker")
        -> [Finding]
    {
        var files: [Path: String] = [
            "Dockerfile": "FROM alpine:3 AS one\n" + body, "app.py": "", "requirements.txt": "",
            "src/main.py": "",
            "src/lib/a.js": "", "src/lib/b.js": "", "data/x [1].csv": "", "link/x": "",
        ]
        if let ignore { files[".dockerignore"] = ignore }
        let others: [Path: FileListing.File] = [
            "current": FileListing.File(.symlink, link: "src"), "module": FileListing.File(.submodule),
        ]
        return findings(files, card: card, others: others).filter { $0.rule != .submodule }
    }

    @Test(
        arguments: [
            "COPY . .", "COPY ./ /x/", "COPY app.py .", "COPY app.py requirements.txt /x/", "COPY src /x",
            "COPY src/ /x/", "COPY /src/lib /x",
            "COPY ./src/../app.py .", "COPY ../app.py .", "COPY *.py /x/", "COPY src/*/*.js /x/",
            "COPY src/lib/[ab].js /x/", "COPY sr? /x",
            "COPY requirements.txt uv.lock* ./", "COPY [\"app.py\", \"/x\"]", "COPY --chown=1000 app.py /x",
            "COPY \"app.py\" /x",
            "COPY --from=one /nothing /x", "COPY --from=ONE /nothing /x",
            "FROM b:1\nCOPY --from=0 /nothing /x", "COPY --from=nginx:1 /nothing /x",
            "COPY --from=ghcr.io/astral-sh/uv:1 /uv /bin/", "ADD https://a.b/c.tar /x",
            "ADD git@github.com:a/b.git /x", "ADD https://github.com/a/b.git#v1 /x",
            "COPY <<EOF /x\na\nEOF", "COPY <<EOF app.py /x/\na\nEOF", "COPY $UNKNOWN /x",
            "COPY ${UNKNOWN}/a /x", "ENV D=src\nCOPY $D/main.py /x",
            "ENV D src\nCOPY ${D}/ /x", "COPY current/main.py /x", "COPY module/a /x", "COPY .git /x",
            "COPY --parents **/*.js /x", "COPY src/./lib/ /x",
            "RUN --mount=type=bind,source=requirements.txt,target=/r a",
            "RUN --mount=type=cache,target=/none a", "RUN --mount=target=/x a",
            "RUN --mount=type=bind,from=one,source=/none,target=/r a", "ONBUILD COPY nothing /x",
            "COPY [\"data/x [[]1].csv\", \"/x\"]",
        ])
    func `COPY of existing paths, stages and URLs is not reported`(body: String) {
        // `--from=one` must refer to an earlier stage, so the body gets a stage of its own.
        let text =
            body.contains("--from=one") || body.contains("--from=ONE") || body.contains("from=one")
            ? "FROM b:1\n" + body : body
        #expect(Self.docker(text).filter { $0.rule == .copySource || $0.rule == .copyStage } == [])
    }

    @Test(arguments: [
        ("COPY ap.py .", Finding.Severity.error, "no such path in the tree", "did you mean app.py?"),
        ("COPY requirement.txt ./", .error, "no such path", "did you mean requirements.txt?"),
        ("COPY main.py /x", .error, "no such path", "did you mean src/main.py?"),
        ("COPY app.py none.bin /x/", .error, "COPY none.bin", "add it"),
        ("COPY [\"none\", \"/x\"]", .error, "COPY none", "add it"),
        ("ADD none.tar.gz /x", .error, "ADD none.tar.gz", "add it"),
        ("COPY none/*.js /x/", .error, "no such path", "add it"),
        ("COPY *.rs /x/", .warning, "matches nothing", "pattern"),
        ("COPY --chown=1 \\\n  none /x", .error, "COPY none", "add it"),
        ("ENV D=srcs\nCOPY $D /x", .error, "COPY $D", "did you mean src?"),
        ("ARG D=srcs\nCOPY $D /x", .warning, "COPY $D", "did you mean src?"),
        ("COPY ${X:-none} /x", .warning, "COPY ${X:-none}", "add it"),
        ("RUN --mount=type=bind,source=none,target=/r a", .error, "RUN none", "add it"),
        ("COPY src/lib/c.js /x", .error, "no such path", "did you mean src/lib/a.js?"),
    ])
    func `COPY of a missing path is reported with a suggestion`(
        body: String, severity: Finding.Severity, reason: String, fix: String
    ) {
        let found = Self.docker(body).filter { $0.rule == .copySource }
        #expect(found.count == 1)
        #expect(found.first?.severity == severity)
        #expect(found.first?.reason.contains(reason) == true)
        #expect(found.first?.fix.contains(fix) == true)
        #expect(found.first?.path == "Dockerfile")
    }

    @Test(arguments: [
        ("src", "COPY src /x", true), ("src/", "COPY src/main.py /x", true), ("src/*", "COPY src /x", false),
        ("*.py", "COPY app.py /x", true),
        ("*.py", "COPY src/main.py /x", false), ("**/*.py", "COPY src/main.py /x", true),
        ("**/*.py", "COPY app.py /x", true), ("**.py", "COPY src/main.py /x", true),
        ("*\n!app.py", "COPY app.py /x", false), ("*\n!app.py", "COPY requirements.txt /x", true),
        ("*\n!src/lib", "COPY src/lib/a.js /x", false),
        ("src\n!src/lib/*.js", "COPY src/lib /x", false), ("src\n!src/lib/*.js", "COPY src/main.py /x", true),
        ("/src", "COPY src /x", true),
        ("# src\n\n  src  ", "COPY src /x", true), ("!src\nsrc", "COPY src /x", true),
        ("src/**", "COPY src/main.py /x", true), ("./src/", "COPY src /x", true),
        ("sr?", "COPY src /x", true), ("[", "COPY src /x", false), ("app.py\r\n", "COPY app.py /x", true),
        ("*", "COPY . /x", false), ("src/lib/a.js", "COPY src/lib/*.js /x/", false),
        ("**", "COPY app.py /x", true), ("**/lib", "COPY src/lib/a.js /x", true),
        ("! src\n", "COPY src /x", false),
    ])
    func `dockerignore excludes the same paths as in BuildKit`(ignore: String, body: String, isExcluded: Bool)
    {
        let found = Self.docker(body, ignore: ignore).filter { $0.rule == .copySource }
        #expect(found.count == (isExcluded ? 1 : 0))
        if isExcluded { #expect(found.first?.reason.contains("excluded by .dockerignore") == true) }
    }

    @Test(arguments: [
        ("FROM b:1\nCOPY --from=oen /a /b", Finding.Severity.error, "did you mean one?"),
        ("COPY --from=7 /a /b", .error, "add a stage"),
        ("COPY --from=one /a /b", .error, "did you mean one?"),
        ("COPY --from=builder /a /b", .error, "add a stage"),
        ("COPY --from=busybox /a /b", .warning, "its tag"),
    ])
    func `an unknown stage is reported with a suggestion`(
        body: String, severity: Finding.Severity, fix: String
    ) {
        let found = Self.docker(body).filter { $0.rule == .copyStage }
        #expect(found.map(\.severity) == [severity])
        #expect(found.first?.fix.contains(fix) == true)
    }

    @Test(arguments: [
        ("CMD [\"uvicorn\", \"a:b\", \"--host\", \"127.0.0.1\"]", Finding.Severity.error),
        ("CMD uvicorn a:b --host=localhost", .error),
        ("CMD [\"gunicorn\", \"--bind\", \"127.0.0.1:7860\", \"a\"]", .error),
        ("CMD gunicorn -b localhost:7860 a", .error),
        ("CMD streamlit run a --server.address localhost", .error),
        ("ENTRYPOINT [\"uvicorn\"]\nCMD [\"a:b\", \"--host\", \"127.0.0.1\"]", .error),
        ("CMD [\"sh\", \"-c\", \"uvicorn a:b --host 127.0.0.1\"]", .error),
        ("CMD nginx & uvicorn a:b --host 127.0.0.1", .warning),
        ("ENTRYPOINT [\"/entry.sh\"]\nCMD [\"uvicorn\", \"--host\", \"127.0.0.1\"]", .warning),
        ("CMD [\"uvicorn\", \"a:b\", \"--port\", \"7860\"]", .warning),
        ("CMD python -m flask run -p 7860", .warning), ("CMD gunicorn a:b", .warning),
        ("CMD [\"python\", \"-m\", \"uvicorn\", \"a:b\"]", .warning), ("ENV HOST=127.0.0.1", .warning),
        ("ENV GRADIO_SERVER_NAME localhost", .warning),
        ("CMD node server.js -H 127.0.0.1", .error), ("CMD [\"app\", \"--listen\", \"[::1]:7860\"]", .error),
        ("ENV H=localhost\nCMD app --host $H", .error),
    ])
    func `an app that listens on loopback is reported`(body: String, severity: Finding.Severity) {
        #expect(Self.docker(body).filter { $0.rule == .loopback }.map(\.severity) == [severity])
    }

    @Test(arguments: [
        "CMD [\"uvicorn\", \"a:b\", \"--host\", \"0.0.0.0\", \"--port\", \"7860\"]", "CMD python app.py",
        "CMD uvicorn a:b --host $HOST --port 7860", "ENV HOST=0.0.0.0",
        "ENV UVICORN_HOST=0.0.0.0\nCMD uvicorn a:b",
        "CMD gunicorn -k uvicorn.workers.UvicornWorker -b 0.0.0.0:7860 a", "CMD gunicorn -c conf.py a",
        "ENV PORT=7860\nCMD gunicorn a",
        "CMD flask --app x db upgrade", "CMD flask run --host=0.0.0.0 --port=7860",
        "CMD [\"nginx\", \"-g\", \"daemon off;\"]",
        "CMD wait --host localhost && uvicorn a --host 0.0.0.0 --port 7860",
        "CMD gunicorn -b :7860 a", "CMD [\"sh\", \"-c\", \"uvicorn a --host 0.0.0.0 --port ${PORT:-7860}\"]",
        "EXPOSE 7860", "EXPOSE 8000 7860", "EXPOSE $X", "EXPOSE 53/udp",
        "ENV PORT=7860\nCMD gunicorn --bind 0.0.0.0:$PORT a", "CMD uvicorn a --uds /x.sock", "USER root",
        "CMD streamlit run a --server.port 7860",
    ])
    func `an app that the Hub can reach is not reported`(body: String) { #expect(Self.docker(body) == []) }

    @Test(arguments: [
        ("EXPOSE 8000", "sdk: docker", "EXPOSE 8000, but"),
        ("EXPOSE 7860", "sdk: docker\napp_port: 8501", "port 8501"),
        ("CMD uvicorn a --host 0.0.0.0 --port 8000", "sdk: docker", "port 8000"),
        ("CMD gunicorn -b 0.0.0.0:5000 a", "sdk: docker", "port 5000"),
        ("CMD streamlit run a --server.port=8501", "sdk: docker", "port 8501"),
        ("CMD [\"serve\", \"-p\", \"3000\"]", "sdk: docker", "port 3000"),
    ])
    func `a port other than the card's is a warning`(body: String, card: String, reason: String) {
        let found = Self.docker(body, card: card)
        #expect(found.map(\.rule) == [.port])
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.reason.contains(reason) == true)
    }

    @Test(arguments: [
        ("FROM a", "has no tag"), ("FROM a:latest", "has the tag latest"), ("ARG B=a\nFROM $B", "has no tag"),
    ])
    func `a base image without a fixed tag is a warning`(text: String, reason: String) {
        let found = Self.findings(["Dockerfile": text])
        #expect(found.map(\.rule) == [.baseImage])
        #expect(found.first?.reason.contains(reason) == true)
    }

    @Test func `a Space that cannot start is reported, with a suggestion`() {
        #expect(Self.findings(["app.py": ""]).map(\.rule) == [.dockerfileMissing])
        #expect(
            Self.findings(["hf/Dockerfile": ""]).first?.fix.contains("dockerfile = hf/Dockerfile") == true)
        #expect(Self.findings(["dockerfile": ""]).first?.fix.contains("dockerfile = dockerfile") == true)
        #expect(Self.findings(["ap.py": ""], card: "sdk: gradio").map(\.fix) == ["did you mean ap.py?"])
        #expect(Self.findings(["x.py": ""], card: "sdk: gradio\napp_file: y.py").map(\.line) == [3])
        #expect(Self.findings(["a": ""], card: "sdk: static").map(\.rule) == [.appFile])
        #expect(Self.findings(["a": ""], card: "sdk: static\napp_build_command: make") == [])
        #expect(Self.findings(["index.html": ""], card: "sdk: static") == [])
        #expect(
            Self.findings(["Dockerfile": "FROM a:1\nRUM x"]).first?.description
                == "Dockerfile:2: unknown instruction: RUM (did you mean RUN?)")
        let wrong = Self.findings(["index.html": ""], card: "sdk: static\ncolorTo: orange\npinned: 7")
        #expect(wrong.map(\.rule) == [.card, .card])
        #expect(wrong.map(\.line) == [3, 4])
    }
}
