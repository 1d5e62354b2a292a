import Testing

@testable import DockerSyntax

@Suite struct DockerfileReadTests {
    private static func read(_ text: String) -> Dockerfile { Dockerfile.read(Array(text.utf8)) }

    @Test(
        arguments: [
            ("", nil, "the Dockerfile is empty", "FROM"),
            ("# only\n\n", nil, "the Dockerfile is empty", "FROM"),
            ("ARG A=1", nil, "the Dockerfile has no FROM", "FROM"),
            ("RUN a\nCOPY . .", nil, "the Dockerfile has no FROM", "FROM"),
            ("RUN a\nFROM b", 1, "RUN is before the first FROM", "ARG"),
            ("FROM a\nRUM b", 2, "unknown instruction: RUM", "did you mean RUN?"),
            ("FROM a\n\nCPOY . .", 3, "unknown instruction: CPOY", "did you mean COPY?"),
            ("FROM a\nRUN b\n  && c", 3, "unknown instruction: &&", "end that line with \\"),
            ("FROM a b", 1, "FROM requires either one or three arguments", "AS NAME"),
            ("FROM a # b", 1, "FROM requires either one or three arguments", "on its own line"),
            ("FROM", 1, "FROM requires either one or three arguments", "IMAGE"),
            ("FROM a AS 1b", 1, "invalid name for build stage: 1b", "letter"),
            ("FROM a\nCOPY x", 2, "COPY requires at least two arguments", "DESTINATION"),
            ("FROM a\nADD", 2, "ADD requires at least two arguments", "DESTINATION"),
            ("FROM a\nCOPY x <<EOF\na\nEOF", 2, "COPY cannot accept a heredoc as a destination", "path"),
            ("FROM a\nRUN <<EOF\na\n", 2, "unterminated heredoc: no line contains only EOF", "EOF"),
            ("FROM a\nRUN <<EOF\na\n EOF", 2, "unterminated heredoc: no line contains only EOF", "EOF"),
            ("FROM a\nENV", 2, "ENV requires at least one argument", "NAME=value"),
            ("FROM a\nENV A", 2, "ENV must have two arguments", "NAME=value"),
            ("FROM a\nENV A=1 B", 2, "can't find = in \u{201C}B\u{201D}: ENV requires NAME=value", "quotes"),
            ("FROM a\nENV =1", 2, "ENV names can not be blank", "NAME"),
            (
                "FROM a\nLABEL a=b c", 2, "can't find = in \u{201C}c\u{201D}: LABEL requires NAME=value",
                "quotes"
            ),
            ("FROM a\nARG", 2, "ARG requires at least one argument", "NAME"),
            ("FROM a\nEXPOSE", 2, "EXPOSE requires at least one argument", "add the argument"),
            ("FROM a\nVOLUME []", 2, "VOLUME requires at least one argument", "add the argument"),
            ("FROM a\nUSER", 2, "USER requires exactly one argument", "add the argument"),
            ("FROM a\nWORKDIR", 2, "WORKDIR requires exactly one argument", "add the argument"),
            ("FROM a\nSHELL bash -c", 2, "SHELL requires the arguments to be in JSON form", "SHELL ["),
            ("FROM a\nCMD [1]", 2, "the JSON form of CMD can contain only strings", "quotes"),
            ("FROM a\nCMD --port 80", 2, "unknown flag: port", "use the JSON form"),
            ("FROM a\nCOPY --form=b c d", 2, "unknown flag: form", "did you mean --from?"),
            ("FROM a\nHEALTHCHECK", 2, "HEALTHCHECK requires at least one argument", "CMD"),
            ("FROM a\nHEALTHCHECK CMD", 2, "missing command after HEALTHCHECK CMD", "command"),
            ("FROM a\nHEALTHCHECK NONE x", 2, "HEALTHCHECK NONE takes no arguments", "remove"),
            ("FROM a\nHEALTHCHECK curl x", 2, "unknown type curl in HEALTHCHECK", "CMD"),
            ("FROM a\nONBUILD", 2, "ONBUILD requires at least one argument", "add the instruction"),
            ("FROM a\nONBUILD FROM b", 2, "FROM isn't allowed as an ONBUILD trigger", "remove"),
            ("# escape=`\n# escape=`\nFROM a", 2, "only one escape parser directive can be used", "remove"),
            ("# escape=x\nFROM a", 1, "the escape character \u{201C}x\u{201D} must be ` or \\", "`"),
            ("FROM $NONE", 1, "the base image $NONE is empty: no ARG sets its value", "ARG"),
        ] as [(String, Int?, String, String)])
    func `errors of BuildKit are reported with their line`(
        text: String, line: Int?, reason: String, fix: String
    ) {
        let problems = Self.read(text).problems
        #expect(problems.count == 1)
        #expect(problems.first?.line == line)
        #expect(problems.first?.reason == reason)
        #expect(problems.first?.fix.contains(fix) == true)
        #expect(problems.first?.isCertain == true)
    }

    @Test(
        arguments: [
            ("EXPOSE 8000", 8000), ("EXPOSE 8000/tcp", 8000), ("EXPOSE 8000/TCP 53/udp", 8000),
            ("EXPOSE 80 81", nil),
            ("EXPOSE 8000-8001", nil), ("", nil), ("EXPOSE $PORT", nil),
            ("ENV PORT=7860\nEXPOSE $PORT", 7860),
            ("ENV PORT 7860\nEXPOSE ${PORT}/tcp", 7860),
            ("ARG PORT=3000\nENV P=${PORT}\nEXPOSE ${P:-1}", 3000),
            ("EXPOSE ${PORT:-8080}", 8080), ("ENV A=1\nEXPOSE ${A:+90}", 90), ("EXPOSE 80\nEXPOSE 80", 80),
            ("EXPOSE \"8000\"", 8000),
            ("expose 8000", 8000), ("RUN <<EOF\nEXPOSE 1\nEOF\nEXPOSE 2", 2),
            ("EXPOSE 1\nFROM b\nEXPOSE 2", 2),
            ("EXPOSE 1\nFROM s\nRUN x", 1), ("EXPOSE ${X#p}", nil), ("EXPOSE x", nil), ("EXPOSE 99999", nil),
            ("# EXPOSE 1\nEXPOSE \\\n 2", 2),
        ] as [(String, Int?)])
    func `the port that the image exposes is read`(body: String, port: Int?) {
        #expect(Self.read("FROM a AS s\n" + body).exposedPort == port)
    }

    @Test(arguments: [
        ("FROM a:1", ["a:1"]), ("FROM a AS b\nFROM b\nFROM c", ["a", "c"]), ("FROM scratch", []),
        ("ARG V=2\nFROM a:$V", ["a:2"]),
        ("ARG B=x/y\nFROM ${B}:${T:-3}", ["x/y:3"]), ("FROM a\nFROM a", ["a"]),
        ("FROM --platform=$TARGETPLATFORM a", ["a"]),
        ("ARG B\nFROM $B", ["$B"]), ("FROM a AS X\nFROM x", ["a"]),
    ])
    func `base images are the images that a build pulls`(text: String, images: [String]) {
        #expect(Self.read(text).baseImages.map(\.name) == images)
    }

    @Test(
        arguments: [
            ("a", nil, false), ("a:1", "1", false), ("h:5000/a", nil, false),
            ("h:5000/a:latest", "latest", false), ("a:1@sha256:0", nil, true),
        ] as [(String, String?, Bool)])
    func `an image has a tag, a digest or neither`(name: String, tag: String?, isPinned: Bool) {
        let image = DockerImage(line: 1, name: name, isKnown: true)
        #expect(image.tag == tag)
        #expect(image.isPinned == isPinned)
    }

    @Test func `an instruction has flags, arguments, heredocs and lines`() {
        let dockerfile = Self.read(
            "FROM a\nCOPY --chown=1:1 --link <<A <<-'B' \\\n  c /d/\n1\nA\n\t2\n\tB\nrun [\"x\"]\n")
        let copy = dockerfile.instructions[1]
        #expect(copy.keyword == "COPY")
        #expect((copy.line, copy.lastLine) == (2, 7))
        #expect(
            copy.flags == [DockerFlag(name: "chown", value: "1:1"), DockerFlag(name: "link", value: nil)])
        #expect(copy.arguments == ["<<A", "<<-'B'", "c", "/d/"])
        #expect(copy.heredocs.map(\.name) == ["A", "B"])
        #expect(copy.heredocs.map(\.lines) == [["1"], ["2"]])
        #expect(dockerfile.instructions[2].json == ["x"])
        #expect(dockerfile.instructions[2].line == 8)
    }

    @Test func `a Dockerfile for another frontend is not checked`() {
        #expect(Self.read("# syntax=ghcr.io/x/mopy\nwhatever: 1").problems == [])
    }
}
