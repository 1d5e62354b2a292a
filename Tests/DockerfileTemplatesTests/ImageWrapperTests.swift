import Testing

@testable import DockerSyntax
@testable import DockerfileTemplates
@testable import SpacesModel
@testable import TextTools

private let sha = "sha256:" + String(repeating: "0f", count: 32)

struct ImageWrapperTests {
    private func wrapper(_ container: ContainerSettings = ContainerSettings()) throws -> WrapperDockerfile {
        let image = try ImageReference("ghcr.io/o/app:1").pinned(to: sha)
        return WrapperDockerfile(image, container, origin: "image = ghcr.io/o/app:1")
    }

    @Test func `a wrapper consists of the image and the host and port for the Hub`() throws {
        let bytes = try wrapper().makeDockerfile()
        let expected = """
            # Written by spacesync from image = ghcr.io/o/app:1. Change the settings, not this file.
            FROM ghcr.io/o/app:1@\(sha)

            ENV HOST=0.0.0.0
            ENV PORT=7860
            EXPOSE 7860

            """
        #expect(bytes.text == expected)
        #expect(GeneratedDockerfile.isGenerated(bytes))
    }

    @Test func `the parsed wrapper has the settings' values`() throws {
        let values = [
            ("PLAIN", "a/b:c"), ("EMPTY", ""), ("SPACED", " two  words "), ("DOLLAR", "^a$HOME${X:-y}$"),
            ("QUOTES", "say \"hi\" 'you'"), ("SLASH", "C:\\dir\\"), ("HASH", "# no comment"),
            ("HEREDOC", "<<EOF"),
            ("UNICODE", "größer ✓"), ("spring.name", "x=y"), ("PORT", "8080"),
        ]
        let container = ContainerSettings(env: values.map { .init($0, $1) }, command: "run it", port: 9000)
        let read = Dockerfile.read(try wrapper(container).makeDockerfile())
        #expect(read.problems.isEmpty)
        #expect(read.exposedPort == 9000)
        #expect(read.instructions.last?.json == ["run", "it"])
        var seen: [String: String] = [:]
        for step in read.finalSteps where step.instruction.keyword == "ENV" {
            for variable in step.instruction.variables {
                #expect(seen[variable.name] == nil, "each name once")
                seen[variable.name] = step.expanded(variable.value ?? "")?.text
            }
        }
        #expect(seen["HOST"] == "0.0.0.0")
        for (name, value) in values { #expect(seen[name] == value) }
    }

    @Test(arguments: [
        ("python app.py", ["python", "app.py"]),
        ("  python   -m 'my app'  ", ["python", "-m", "my app"]),
        ("run \"a \\\"b\\\"\" c\\ d ''", ["run", "a \"b\"", "c d", ""]),
        ("serve --flag=x -c a~b#c", ["serve", "--flag=x", "-c", "a~b#c"]),
        ("[\"python\", \"a b.py\"]", ["python", "a b.py"]),
        ("cd app && python x.py", ["sh", "-c", "cd app && python x.py"]),
        ("gunicorn -b :$PORT app:app", ["sh", "-c", "gunicorn -b :$PORT app:app"]),
        ("echo \"$PORT\"", ["sh", "-c", "echo \"$PORT\""]),
        ("echo '$PORT'", ["echo", "$PORT"]),
        ("DEBUG=1 python app.py", ["sh", "-c", "DEBUG=1 python app.py"]),
        ("exec python app.py", ["sh", "-c", "exec python app.py"]),
        ("ls *.py", ["sh", "-c", "ls *.py"]),
        ("cat ~/x", ["sh", "-c", "cat ~/x"]),
    ])
    func `a command runs without a shell if it does not need one`(_ command: String, _ expected: [String])
        throws
    {
        #expect(try ShellCommand.words(of: command) == expected)
        let read = Dockerfile.read(try wrapper(ContainerSettings(command: command)).makeDockerfile())
        #expect(read.problems.isEmpty)
        #expect(read.instructions.last?.keyword == "CMD")
        #expect(read.instructions.last?.json == expected)
    }

    @Test(arguments: ["", "  ", "echo 'x", "echo \"x", "a | b \"", "a\nUSER root", "x \\"])
    func `a command with invalid syntax is rejected`(_ command: String) throws {
        let failure = #expect(throws: DeployError.self) {
            try wrapper(ContainerSettings(command: command)).makeDockerfile()
        }
        #expect(failure?.kind == .settings)
    }

    @Test(arguments: ["NAME", "=x", "1X=y", "A B=c", "X=a\nRUN evil", "X=\u{85}", "X$Y=1", "X=\u{1b}[0m"])
    func `a variable that a Dockerfile cannot express is rejected`(_ text: String) {
        let failure = #expect(throws: DeployError.self) { try ContainerSettings.Variable(text) }
        #expect(failure?.kind == .settings)
    }

    @Test func `a variable's value is everything after the first equals sign`() throws {
        #expect(try ContainerSettings.Variable("URL=a=b=c") == .init("URL", "a=b=c"))
        #expect(try ContainerSettings.Variable("EMPTY=") == .init("EMPTY", ""))
    }

    @Test(arguments: [0, -1, 65_536])
    func `an invalid port is rejected`(_ port: Int) throws {
        #expect(throws: DeployError.self) { try wrapper(ContainerSettings(port: port)).makeDockerfile() }
    }

    @Test func `the origin cannot add lines to the first comment`() throws {
        var wrapper = try wrapper()
        wrapper.origin = "x\nRUN evil\u{2028}y"
        let read = Dockerfile.read(try wrapper.makeDockerfile())
        #expect(read.instructions.map(\.keyword) == ["FROM", "ENV", "ENV", "EXPOSE"])
    }
}
