import SpacesModel
import TextTools

/// Failures of pip and of Python apps.
enum PythonFailures {
    static let patterns: [FailurePattern] =
        pip + wheels + hashes + PythonModules.patterns + PythonSyntax.patterns + versions + settings + files

    private static let pip: [FailurePattern] = [
        FailurePattern(
            .conflict,
            [
                "resolutionimpossible|conflicting dependencies|the conflict is caused by",
                "no solution found when resolving|version solving failed",
            ],
            when: [
                .optional(
                    .lines(
                        -10..<10, "the user requested {requirement*}|cannot install {requirement*} because"))
            ],
            why: "pip finds no compatible versions{requirement? (%)}",
            fix: "loosen or remove that pin in requirements.txt; pip-compile or uv pip compile finds "
                + "compatible versions"),
        FailurePattern(
            .pythonVersion, "requires a different python|require a different python version",
            when: [
                .optional(.line("package '{package}'|package {package}")),
                .optional(.line("not in '{required*}'|not in {required*}")),
            ],
            why: "{package|a package} requires another Python version{required? (%)}",
            fix:
                "{docker?use another FROM python:3.x in the Dockerfile|set card = python_version: 3.x in the "
                + "settings}, or use an older version of the package"),
        FailurePattern(
            .platform, "temporary failure in name resolution|nameresolutionerror",
            when: [.build, .any([.error, .log("no matching distribution|could not find a version")])],
            why: "the builder could not reach the network",
            fix: "build it again: spacesync push {space} --rebuild"),
        FailurePattern(
            .missingCommand, "cannot find command 'git'|git: not found|git: command not found",
            why: "git is not in the image",
            fix: SystemFailures.install("git")),
        FailurePattern(
            .noDistribution, "no matching distribution found for|could not find a version that satisfies",
            when: [
                .not(.log("temporary failure in name resolution")),
                .optional(
                    .line("distribution found for {requirement}|satisfies the requirement {requirement}")),
            ],
            why: "{requirement|a requirement} is not available for this Python and linux/amd64",
            fix:
                "check its name and version in requirements.txt, and the Python of the image: older packages "
                + "do not exist for new Pythons, and some exist for Windows or macOS only"),
    ]

    /// Packages that pip builds from source.
    private static let wheels: [FailurePattern] =
        [
            undeclaredModule(
                [.value("module", "^pkg_resources$|^distutils$")],
                fix: "pin setuptools<81 before it, or use a newer version of the package"),
            undeclaredModule(
                [],
                fix: "install {module} in a RUN before the others, then the package with pip install "
                    + "--no-build-isolation, or use a prebuilt wheel of it"),
        ]
        + [
            compiled("pg_config executable not found", tools: "libpq-dev gcc"),
            compiled("cmake must be installed", tools: "cmake build-essential"),
            compiled("the rust compiler|cargo, the rust", tools: "rustc cargo"),
            compiled(
                [
                    "unable to find a compiler|error: command 'gcc' failed: no such|gcc: not found",
                    "fatal error: python.h",
                ], tools: "build-essential python3-dev"),
            FailurePattern(
                .buildDependency, "failed building wheel for {package}|could not build wheels for {package}",
                .likely, when: [.build],
                why: "{package} has no prebuilt wheel for this Python and does not compile here",
                fix: "use a version of it with a wheel, use another Python, or install its build tools: "
                    + SystemFailures.install("build-essential python3-dev")),
        ]

    private static func compiled(_ line: LinePattern, tools: String) -> FailurePattern {
        FailurePattern(
            .buildDependency, line, when: [.build],
            why: "a package is compiled here, but its build tools are not in the image",
            fix: "\(SystemFailures.install(tools)), or use a version of the package with a prebuilt wheel")
    }

    private static func undeclaredModule(_ conditions: [Condition], fix: String) -> FailurePattern {
        FailurePattern(
            .buildDependency, "no module named '{module}'",
            when: [
                .build,
                .log(
                    "build wheel|building wheel|build dependency|preparing metadata|metadata-generation-failed"
                ),
            ] + conditions,
            why: "a package needs {module} for its build, but does not declare it", fix: fix)
    }

    /// pip's hash-checking mode: https://pip.pypa.io/en/stable/topics/secure-installs/.
    private static let hashes: [FailurePattern] = [
        FailurePattern(
            .hashes, "do not match the hashes", when: [hashedPackage],
            why: "the file{package? of %} that pip downloaded does not match its hash",
            fix: "try again (an interrupted download looks the same): spacesync push {space} --rebuild; "
                + "if it happens again, generate the hashes for linux/amd64: pip-compile "
                + "--generate-hashes, or uv pip compile --generate-hashes"),
        FailurePattern(
            .hashes, "in --require-hashes mode|hashes are required in", when: [hashedPackage],
            why: "one line of requirements.txt has a hash, so pip requires == and a hash for each, "
                + "including dependencies, and does not find them{package? (%)}",
            fix: "add them all: pip-compile --generate-hashes, or uv pip compile --generate-hashes; or "
                + "remove every --hash and --require-hashes"),
    ]

    private static let hashedPackage = Condition.optional(
        .lines(0..<4, "{package} from http|{package} --hash="))

    private static let versions: [FailurePattern] = [
        otherVersion(
            "cannot import name '{name}' from '{package}'", when: [.not(.line("circular import"))],
            why: "the installed {root} has no {name}, which the code or another package needs"),
        otherVersion(
            "module '{package}' has no attribute '{name}'", when: [.computed(wellKnownPackage)],
            why: "the installed {root} has no {name}"),
        otherVersion(
            "got an unexpected keyword argument '{name}'",
            when: [.lines(-8..<8, "/gradio/|gr.blocks|gr."), .computed { _ in ["package": "gradio"] }],
            why: "the installed gradio does not accept {name} here"),
        FailurePattern(
            .packageVersions, "argument of type 'bool' is not iterable|when localhost is not accessible",
            when: [.log("gradio|localhost is not accessible")],
            why:
                "the installed gradio and pydantic are not compatible, so gradio cannot describe its own API",
            fix: "use a newer gradio (for a Gradio Space: card = sdk_version: … in the settings, otherwise "
                + "requirements.txt), or pydantic==2.10.6"),
        FailurePattern(.packageVersions, numpy, .hub, when: [.fromHub], why: oldNumPy, fix: newNumPy),
        FailurePattern(.packageVersions, numpy, why: oldNumPy, fix: newNumPy),
        FailurePattern(
            .packageVersions, "unsupported version of sqlite3",
            why: "the image's sqlite3 is too old for chromadb",
            fix: "use a newer base image (python:3.11-slim-bookworm), or add pysqlite3-binary to "
                + "requirements.txt and use it instead of sqlite3"),
    ]

    private static let numpy: LinePattern = [
        "compiled using numpy 1|numpy.core.multiarray failed to import|numpy.dtype size changed",
        "_array_api not found",
    ]
    private static let oldNumPy = "a package was built for numpy 1, but numpy 2 is installed"
    private static let newNumPy = "set numpy<2 in requirements.txt, or use a newer version of that package"

    /// Returns a row for a package that is installed in a version that does not fit. `root` is its name.
    static func otherVersion(_ line: LinePattern, when conditions: [Condition], why: String)
        -> FailurePattern
    {
        let pin = Condition.computed { match in
            let root = String((match["package"] ?? "").prefix { $0 != "." })
            let gradio = Condition.lines(-12..<12, "gradio").values(in: match)
            let advice =
                root == "gradio" && !match.isDocker
                ? "set card = sdk_version: … to the version that the app was written for"
                : root == "huggingface_hub" && gradio != nil
                    ? "set huggingface_hub<1.0 in requirements.txt, or use a newer gradio"
                    : "pin \(root) in requirements.txt to the version that the code was written for"
            return ["root": root, "pin": advice]
        }
        return FailurePattern(.packageVersions, line, when: conditions + [pin], why: why, fix: "{pin}")
    }

    static func wellKnownPackage(_ match: LogMatch) -> [String: String]? {
        wellKnown.contains((match["package"] ?? "").prefix { $0 != "." }) ? [:] : nil
    }

    private static let wellKnown: Set<Substring> = [
        "gradio", "gradio_client", "numpy", "torch", "torchvision", "PIL", "transformers",
        "huggingface_hub", "streamlit", "langchain", "openai", "pandas", "werkzeug", "diffusers",
        "pydantic", "tensorflow", "keras", "httpx", "starlette", "fastapi", "moviepy", "datasets", "flask",
        "jinja2", "scipy", "sklearn", "spaces",
    ]

    private static let settings: [FailurePattern] = [
        missingVariable(
            "keyerror: '{name}'",
            when: [
                .lines(-8..<8, "os.environ|environ[|raise keyerror(key) from none|<frozen os>|decouple")
            ]),
        missingVariable("keyerror: '{name}'", .likely, when: [.value("name", "_")]),
        missingVariable(
            "validation error… for …setting|validation error… for …config|validation error… for …env",
            when: [.computed(requiredFields)]),
        missingVariable(
            unset,
            when: mentioned + [
                .any([
                    .fromHub, .line("error|exception|fatal|panic|environment variable"),
                ])
            ]),
        missingVariable(unset, .likely, when: mentioned),
    ]

    private static let unset: LinePattern = [
        "environment variable|not set|must be set|is required|is missing|missing required|is not defined",
        "please set|not provided|please provide",
    ]
    private static let mentioned: [Condition] = [
        .error, .not(.line("info|[debug|optional|using default|defaulting|cache")),
        .computed(mentionedVariable),
    ]

    /// Returns a row for the environment variables `name`, or `names` separated by spaces.
    private static func missingVariable(
        _ line: LinePattern, _ confidence: FailurePattern.Confidence = .certain,
        when conditions: [Condition]
    ) -> FailurePattern {
        FailurePattern(
            .missingSecret, line, confidence, when: conditions + [.computed(variables)],
            why:
                "{build?the build needs {list}, but secrets are available only in a RUN that mounts them|the "
                + "app needs {list} in its environment, but it is not set}",
            fix:
                "{build?use RUN --mount=type=secret,id={variable},mode=0444 and read /run/secrets/{variable} "
                + "there; if the value may be public, use a variable and ARG {variable} "
                + "instead|{assignment}}{others?; do the same for the others}")
    }

    private static func variables(_ match: LogMatch) -> [String: String]? {
        let names = (match["names"] ?? match["name"] ?? "").split(separator: " ").map(String.init)
        guard let first = names.first, names.allSatisfy(isVariable) || match["names"] != nil else {
            return nil
        }
        var values = ["variable": first, "list": SystemFailures.list(names)]
        values["assignment"] = assignment(first, match.context.space)
        if names.count > 1 { values["others"] = "" }
        return values
    }

    /// Returns the fields of a pydantic model that the next lines report as missing.
    private static func requiredFields(_ match: LogMatch) -> [String: String]? {
        let lines = match.lines(0..<60)
        let fields = zip(lines, lines.dropFirst()).compactMap { field, message in
            message.has("field required")
                ? field.text.split(separator: " ").first?.uppercased() : nil
        }
        let names = fields.filter { $0.utf8.allSatisfy(\.isWord) }
        return names.isEmpty ? nil : ["names": names.joined(separator: " ")]
    }

    /// Returns the first `UPPER_CASE` word that may be the name of an environment variable.
    private static func mentionedVariable(_ match: LogMatch) -> [String: String]? {
        match.line.bytes.split { !$0.isWord }.lazy.map(\.text)
            .first {
                isVariable($0) && $0.contains("_")
                    && !["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND", "LD_LIBRARY_PATH"].contains($0)
            }
            .map { ["name": $0] }
    }

    private static func isVariable(_ name: String) -> Bool {
        name.utf8.count >= 3 && name.utf8.first?.isUpper == true
            && name.utf8.allSatisfy { $0.isWord && !$0.isLower }
    }

    /// Returns how to set an environment variable. A name that is not known to be harmless is
    /// treated as a secret, because variables are public.
    private static func assignment(_ name: String, _ space: SpaceID) -> String {
        guard !harmless.contains(name.split(separator: "_").last.map(String.init) ?? name) else {
            return "run spacesync variables set \(space) \(name)=value, or set variable = \(name)=value"
        }
        let note =
            SecretName.matches(name.utf8) ? "" : " (variable = \(name)=value if everybody may read it)"
        return "run spacesync secrets set \(space) \(name)=env:\(name), or set secret = \(name)\(note)"
    }

    private static let harmless = [
        "PORT", "HOST", "MODE", "DEBUG", "ENV", "ENVIRONMENT", "LEVEL", "LANG", "LANGUAGE", "LOCALE",
        "REGION", "MODEL", "NAME", "TIMEOUT", "WORKERS", "THREADS", "SIZE", "LIMIT", "DIR", "PATH", "TZ",
        "THEME", "VERSION",
    ]

    private static let files: [FailurePattern] =
        [
            // Streamlit's message if its script is missing.
            missingFile("invalid value: file does not exist: {path}"),
            missingFile("can't open file '{path*}'", when: [.line("python")]),
        ]
        + SystemFailures.missingProgram(noSuchFile, when: noFile)
        + [missingFile(noSuchFile, when: noFile)]

    private static let noSuchFile: LinePattern =
        "filenotfounderror: …directory: …'{path*}'|[errno 2] no such file or directory: …'{path*}'"
    private static let noFile: [Condition] = [
        .not(.line("can't open file")), .error,
        .optional(.computed { match in match["path"].map { ["program": $0] } }),
    ]

    /// Returns a row for the file `path`. A push cannot provide temporary files, caches and files of libraries.
    static func missingFile(
        _ line: LinePattern, _ confidence: FailurePattern.Confidence = .certain,
        when conditions: [Condition] = []
    ) -> FailurePattern {
        let elsewhere: LinePattern = "/.cache/|/tmp/|.gradio/|/proc/|/dev/|site-packages"
        return FailurePattern(
            .missingFile, line, confidence, when: conditions + [.not(.value("path", elsewhere))],
            why: "{path} is not in the image",
            fix:
                "check that it is deployed (include, exclude; spacesync plan {space}) and copied by the Dockerfile, "
                + "that its path starts in WORKDIR, and that upper and lower case match")
    }
}
