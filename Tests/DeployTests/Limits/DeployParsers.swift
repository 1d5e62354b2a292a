import TestSupport

@testable import BuildDiagnosis
@testable import Deploy
@testable import DeploySettings
@testable import DockerSyntax
@testable import DockerfileTemplates
@testable import FrontMatter
@testable import GitPatterns
@testable import SecretScanner
@testable import SpacesModel
@testable import TextTools

/// All parsers of untrusted input in `Deploy` and its modules.
enum DeployParsers {
    static let all =
        [dockerfile, ignore, card, setting, attributes, patterns, json, python, versions]
        + [command, words, image, pointer, trailers, durations, configuration, credentials, diagnosis]

    private static let dockerfile = HostileParser(
        "Dockerfile",
        [
            "FROM ", "a AS s", "\n", "\\\n", "<<E", "\"", "'", "${A:-", "}", "[\"a\",", "]", "COPY ", "#",
            "\r", "`",
            "$A", "ENV A=$A$B ", "ARG B=$A\n", "=", " ", "--from=", "ONBUILD ", "EXPOSE 1-65535 ", "\u{FEFF}",
            "# syntax=", "HEALTHCHECK CMD ", "FROM a AS s\n", "RUN --mount=source=$A ",
        ]
    ) { bytes in
        let read = Dockerfile.read(bytes)
        _ = (read.exposedPort, read.exposedPorts?.count, read.baseImages.count, StartCommand(read))
        let context = BuildContext(FileListing(), ignoring: DockerIgnore([]))
        _ = (
            CopyInstructionRules(read, context).findings,
            ListenAddressRules(read, appPort: 7860, FileListing()).findings
        )
        _ = try? BaseImageArgument.setDefault(ImageReference("a:1"), into: bytes)
    }

    private static let ignore = HostileParser(
        ".dockerignore", ["*", "**/", "a", "/", "!", "[a-", "]", "\\", "?", "#", "\n", "..", " ", "*a\n"]
    ) { bytes in
        _ = DockerIgnore(bytes).ignores("a/aaaa/aaaaaaaa/b")
    }

    private static let card = HostileParser(
        "front matter",
        [
            "---\n", "a: ", "&a ", "*a ", "- ", "? ", "[", "]", "{", "}", ", ", "\"", "'", "|\n", ">\n", "\n",
            "  ",
            "<<: ", "!!str ", "#", "\t", "\\u00e9", "...\n", "b: &b [*a]\n", "k: v\n", "license: x\n", ": ",
            "'k':",
        ]
    ) { bytes in
        for text in [bytes, Array("---\n".utf8) + bytes + Array("\n---\n".utf8)] {
            let card = Card.read(text)
            _ = (card.problems(), card.warnings(), card.value(of: "sdk"), card.keys.count)
            var edited = card
            _ = try? edited.set("sdk", to: "docker")
        }
    }

    private static let setting = HostileParser(
        "card setting", ["a", ": ", "[", "{", "\"", "'", "&a", "*a", "|", "#", "\n", "\\", "- "]
    ) { bytes in _ = try? CardSetting(bytes.text) }

    private static let attributes = HostileParser(
        ".gitattributes",
        [
            "*", "**/", "a", "\"", "\\", " filter=lfs", " -filter", "[attr]x", " x", "\n", "#", "[a-z]",
            "*.p\n", "/",
        ]
    ) { bytes in
        var attributes = LFSAttributes()
        attributes.add(bytes, in: .root)
        _ = (attributes.usesLFS("a/aaa/a.p"), LFSAttributes.exceededLimit(bytes))
    }

    private static let patterns = HostileParser(
        "pattern", ["*", "**", "/", "a", "?", "[a-z", "[[:alpha:]]", "]", "!", "\\", " "]
    ) { bytes in
        let list = PatternList([bytes.prefix(4096).text])
        _ = (list.includes("aa/aaaa/b", isDirectory: false), list.mayChange(inside: "a/a", to: .matched))
    }

    private static let json = HostileParser(
        "JSON",
        ["{", "}", "[", "]", "\"a\"", ":", ",", "1e9", "-", "true", "\\u", "\\ud83d\\ude80", " ", "\n", "\""]
    ) { bytes in _ = JSON(bytes) }

    private static let python = HostileParser(
        "pyproject.toml and requirements.txt",
        [
            "[project]\n", "dependencies = [", "\"a>=1\"", "'", "\"", ",", "]", "\n",
            "requires-python = \">=3\"\n", "#",
            "git+https://a", "-r a", "fastapi[standard]", "[tool.poetry.dependencies]\n", "=", " ",
        ]
    ) { bytes in
        _ = PythonDependencies.Manifest(bytes.text).dependencies.names.count
        _ = PythonDependencies(requirements: bytes.text.split(separator: "\n")).names.count
        _ = PythonCode(bytes.text).imports("flask")
    }

    private static let versions = HostileParser(
        "version range",
        [">=", "3", ".", "10", ",", "<", " ", "||", "^", "~=", "*", "x", "-", "99999999999999999999"]
    ) { bytes in _ = VersionRange(bytes.text)?.contains([3, 12]) }

    private static let command = HostileParser(
        "command", ["a", " ", "'", "\"", "\\", "$", "&&", "[", "\"a\",", "]", "=", "#", "~"]
    ) { bytes in _ = try? ShellCommand.words(of: bytes.text) }

    private static let words = HostileParser(
        "shell words", ["a", " ", "'", "\"", "\\", "${A", ":-", "}", "$A", "${A#", "<<E", "\n", "`"]
    ) { bytes in
        var lexer = ShellLexer { _ in .known("aaaaaaaaaa") }
        _ = try? lexer.word(bytes.text)
        _ = Heredoc.all(in: bytes)
        _ = DockerWords(escape: .backslash).quotedWords(bytes[...])
    }

    private static let image = HostileParser(
        "image", ["a", "/", ":", "@", "sha256:", "-", "_", ".", "localhost:5000/", "[::1]", "://", "A", " "]
    ) { bytes in _ = try? ImageReference(bytes.text) }

    private static let pointer = HostileParser(
        "LFS pointer",
        [
            "version https://git-lfs.github.com/spec/v1\n", "oid sha256:", "a", "\n", "size ",
            "99999999999999999999", "-",
        ]
    ) { bytes in _ = LFSPointer(bytes) }

    private static let trailers = HostileParser(
        "trailers", ["Key: value\n", "\n", "\n\n", ":", " ", "a", "Source-Commit: ", "\r\n", "\u{301}"]
    ) { bytes in _ = Trailers(of: bytes.text)["Source-Commit"] }

    private static let durations = HostileParser(
        "duration", ["1", "h", "m", "s", "ms", ".", "d", "9999999999", "-", "½", " "]
    ) { bytes in
        _ = Duration(text: bytes.text)?.text(.setting)
        _ = Duration(waiting: bytes.text)?.text(.age)
    }

    private static let configuration = HostileParser(
        "settings",
        ["[space \"a/b\"]", "\n", "key = ", "\"", "\\", "#", ";", "a", "]", "[", "_", " ", "\t", "\0"]
    ) { bytes in _ = ConfigLinter(Array(bytes.prefix(ConfigLinter.limit)), origin: .file("a")).errors }

    private static let credentials = HostileParser(
        "credentials",
        [
            "hf" + "_", ".hf" + "_jwt_", "A", "KIA", "-----BEGIN ", "PRIVATE KEY-----", "://a:b@",
            "api_key: ", "=", "\"",
            "abc123XYZ", " ", "\n", "sk-", "xox" + "b-", "{", ",",
        ]
    ) { bytes in
        _ = CredentialScan.findings(path: "a.yml", content: bytes)
        _ = EntropyEstimate(bytes.prefix(4096)).isRandom
    }

    private static let diagnosis = HostileParser(
        "log",
        [
            "--> RUN a", "\n", "ERROR: ", "Traceback (most recent call last)", "File \"", "\", line ",
            "Error: ", "'", "at ",
            "process \"/bin/sh -c ", "did not complete successfully", "127.0.0.1:", "99999999999999999999",
            " ",
        ]
    ) { bytes in
        let lines = bytes.text.split(separator: "\n").suffix(2_000).map(String.init)
        guard let space = SpaceID("me/web") else { return }
        for kind in [WatchOutcome.Kind.buildError, .runtimeError] {
            let message = String(bytes.text.prefix(5_000))
            _ = Diagnosis.of(FailureContext(kind, of: space, errorMessage: message, build: lines, run: lines))
        }
    }
}
