import TextTools

extension FailurePattern {
    /// Python exceptions and errors of Python libraries.
    static let python: [FailurePattern] = [
        FailurePattern("cannot import name ") { at in
            guard let name = at.text.after("cannot import name ")?.quoted,
                let package = at.text.after(" from ")?.quoted, package.isPlainWord
            else { return nil }
            let root = package.split(separator: ".").first.map(String.init) ?? package
            if at.line.has("circular import") { return nil }
            return versions(
                "the installed \(root) has no \(name), which the code or another package wants", root, at)
        },
        FailurePattern("' has no attribute '") { at in
            guard at.line.has("module '"), let package = at.text.after("module ")?.quoted,
                package.isPlainWord,
                let root = package.split(separator: ".").first.map(String.init), wellKnown.contains(root),
                let name = at.text.after("has no attribute ")?.quoted
            else { return nil }
            return versions("the installed \(root) has no \(name)", root, at)
        },
        FailurePattern("got an unexpected keyword argument") { at in
            guard at.occursNearby("/gradio/", "gr.blocks", "gr."),
                let name = at.text.after("keyword argument ")?.quoted
            else { return nil }
            return versions("the installed gradio knows no \(name) here", "gradio", at)
        },
        FailurePattern("argument of type 'bool' is not iterable", "when localhost is not accessible") { at in
            guard at.occursAnywhere("gradio", "localhost is not accessible") else { return nil }
            return CauseCandidate(
                cause: .packageVersions,
                why: "this gradio does not fit the pydantic beside it, and cannot describe its own API",
                fix:
                    "a newer gradio (card = sdk_version: … of the target for a Gradio Space, else requirements.txt), "
                    + "or pydantic==2.10.6")
        },
        FailurePattern(
            "compiled using numpy 1", "numpy.core.multiarray failed to import", "numpy.dtype size changed",
            "_array_api not found"
        ) { at in
            CauseCandidate(
                cause: .packageVersions, why: "a package was built for numpy 1, and numpy 2 is installed",
                fix: "numpy<2 in requirements.txt, or a newer version of that package",
                confidence: at.line.isFromHub ? .hub : .certain)
        },
        FailurePattern("unsupported version of sqlite3") { at in
            CauseCandidate(
                cause: .packageVersions, why: "the image's sqlite3 is too old for chromadb",
                fix:
                    "a newer base image (python:3.11-slim-bookworm), or pysqlite3-binary in requirements.txt, put in sqlite3's place"
            )
        },
        FailurePattern("keyerror: ") { at in
            guard let name = at.text.after("keyerror: ")?.quoted, isEnvironmentName(name) else { return nil }
            let isEnvironment = at.occursNearby(
                "os.environ", "environ[", "raise keyerror(key) from none", "<frozen os>", "decouple")
            guard isEnvironment || name.contains("_") else { return nil }
            return secret([name], at, isEnvironment ? .certain : .likely)
        },
        FailurePattern("validation error for ", "validation errors for ") { at in
            let kind = NormalizedLine(at.text.after(" for ") ?? "")
            guard kind.has(anyOf: ["setting", "config", "env"]) else { return nil }
            let lines = Array(at.following(60))
            let fields = zip(lines, lines.dropFirst()).compactMap { field, message in
                message.has("field required") ? field.text.firstWord : nil
            }
            let names = fields.filter {
                $0.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
            }
            return names.isEmpty ? nil : secret(names.map { $0.uppercased() }, at, .certain)
        },
        FailurePattern(
            "environment variable", "is not set", "not set", "must be set", "is required", "is missing",
            "missing required",
            "is not defined", "please set", "not provided", "please provide"
        ) { at in
            guard !at.line.isWarning,
                !at.line.has(anyOf: ["info", "[debug", "optional", "using default", "defaulting", "cache"]),
                let name = environmentName(in: at.text)
            else { return nil }
            let isExplicit =
                at.line.isFromHub
                || at.line.has(anyOf: ["error", "exception", "fatal", "panic", "environment variable"])
            return secret([name], at, isExplicit ? .certain : .likely)
        },
        FailurePattern("invalid value: file does not exist: ") { at in
            // Streamlit's message if its script is missing.
            at.text.after("file does not exist: ")?.firstWord.flatMap { file($0, at) }
        },
        FailurePattern("can't open file ") { at in
            guard at.line.has("python"), let path = at.text.after("can't open file ")?.quoted else {
                return nil
            }
            return file(path, at)
        },
        FailurePattern("filenotfounderror: ", "[errno 2] no such file or directory") { at in
            guard !at.line.has("can't open file"), !at.line.isWarning,
                let path = at.text.after("directory: ")?.quoted
            else { return nil }
            if !path.contains("/"), !path.contains("."), let package = programs[path] {
                return program(path, package, at)
            }
            return file(path, at)
        },
    ]

    static func versions(_ why: String, _ package: String, _ at: LogMatch) -> CauseCandidate {
        let pin =
            package == "gradio" && !at.isDocker
            ? "card = sdk_version: … of the target, the version that the app was written for"
            : package == "huggingface_hub" && at.occursNearby("gradio", within: 12)
                ? "huggingface_hub<1.0 in requirements.txt, or a newer gradio"
                : "pin \(package) in requirements.txt to the version that the code was written for"
        return CauseCandidate(cause: .packageVersions, why: why, fix: pin)
    }

    static func secret(_ names: [String], _ at: LogMatch, _ confidence: CauseCandidate.Confidence)
        -> CauseCandidate
    {
        let othersNote = names.count > 1 ? "; the others alike" : ""
        if at.symptoms.isBuild {
            return CauseCandidate(
                cause: .missingSecret,
                why: "the build wants \(listed(names)), and a build sees secrets only where it asks for them",
                fix:
                    "RUN --mount=type=secret,id=\(names[0]),mode=0444 and read /run/secrets/\(names[0]) there; "
                    + "what everybody may know is a variable, which ARG \(names[0]) brings into the build\(othersNote)",
                confidence: confidence)
        }
        return CauseCandidate(
            cause: .missingSecret,
            why:
                "the app wants \(listed(names)) from its environment, and does not find it there",
            fix: at.assignmentHint(names[0]) + othersNote, confidence: confidence)
    }

    static func file(_ path: String, _ at: LogMatch) -> CauseCandidate? {
        // Temporary files, caches and files of libraries: a push cannot provide them.
        guard
            !["/.cache/", "/tmp/", ".gradio/", "/proc/", "/dev/", "site-packages"].contains(where: {
                path.contains($0)
            })
        else { return nil }
        return CauseCandidate(
            cause: .missingFile, why: "\(path) is not in the image",
            fix:
                "see that it is sent (include, exclude; spacesync plan \(at.space)) and copied by the Dockerfile, "
                + "that WORKDIR is where the path begins, and that upper and lower case fit")
    }

    private static func isEnvironmentName(_ name: String) -> Bool {
        name.utf8.count >= 3 && name.utf8.first?.isUpper == true
            && name.utf8.allSatisfy { $0.isUpper || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    /// Returns the first `UPPER_CASE` word that may be the name of an environment variable.
    private static func environmentName(in text: String) -> String? {
        let isPart = { (c: Character) in c.isASCII && (c.isLetter || c.isNumber || c == "_") }
        return text.split { !isPart($0) }.map(String.init)
            .first { isEnvironmentName($0) && $0.contains("_") && !excludedNames.contains($0) }
    }

    private static let excludedNames: Set<String> = [
        "MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND", "LD_LIBRARY_PATH",
    ]
    static let wellKnown: Set<String> = [
        "gradio", "gradio_client", "numpy", "torch", "torchvision", "PIL", "transformers", "huggingface_hub",
        "streamlit",
        "langchain", "openai", "pandas", "werkzeug", "diffusers", "pydantic", "tensorflow", "keras", "httpx",
        "starlette",
        "fastapi", "moviepy", "datasets", "flask", "jinja2", "scipy", "sklearn", "spaces",
    ]
}
