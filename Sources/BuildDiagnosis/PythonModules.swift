import TextTools

/// Python modules that an app does not find.
enum PythonModules {
    static let patterns: [FailurePattern] = [
        PythonFailures.otherVersion(
            "no module named '{package}'|no module named {package}",
            when: reported + [.value("package", "."), .computed(PythonFailures.wellKnownPackage)],
            why: "the installed {root} has no {package}"),
        missing(
            [.value("name", "^google.colab")], why: "{name}",
            fix: "remove that import: the module exists on Google Colab only"),
        missing(
            [.computed { isOwn($0) ? [:] : nil }],
            why: "Python does not find {name}, which by its name is a file of the app's own",
            fix:
                "check that it is deployed (spacesync plan {space}) and copied{build? before that step}, and "
                + "start in its directory: WORKDIR, or ENV PYTHONPATH=/app"),
        missing(
            [package],
            why: "{installed?the build installed %, but the Python that runs the app does not find {name}|"
                + "the Python module {name} is not installed{nothing?: no step of the Dockerfile installs "
                + "Python packages}}",
            fix: "{installed?{stages?\(copyAll)|\(samePython)}|{nothing?\(installStep)|\(requirementLine)}}"),
    ]

    private static let copyAll =
        "the last stage of the Dockerfile must contain it: install it there, or COPY --from the whole virtual "
        + "environment"
    private static let samePython =
        "start the app with the Python whose pip installed it (python -m …): compare the virtual environment, the "
        + "python3.x and the user of the installation with those of the app (the Hub runs it as uid 1000)"
    private static let installStep =
        "if {root} is part of your source, COPY it next to the app; otherwise add the line {package} to "
        + "requirements.txt, COPY requirements.txt . and RUN pip install --no-cache-dir -r requirements.txt"
    private static let requirementLine =
        "add the line {package} to requirements.txt{module? (its module is %)}; {silent?if it is there, pip installs for "
        + "another Python than the app uses|if {root} is a file of yours, check that it is deployed and copied}"

    private static let reported: [Condition] = [
        .error, .line("error:|python: no module|python3: no module"),
    ]

    private static func missing(_ conditions: [Condition], why: String, fix: String) -> FailurePattern {
        FailurePattern(
            .pythonModule, "no module named '{name}'|no module named {name}", when: reported + conditions,
            why: why, fix: fix)
    }

    /// Whether the module has a name that apps use for their own, or occurs in the paths of the traceback:
    /// `File "/app/src/main.py"`.
    private static func isOwn(_ match: LogMatch) -> Bool {
        let root = String((match["name"] ?? "").prefix { $0 != "." })
        let isClass = root.first?.isUppercase == true && distributions[root] == nil
        return isClass || ownNames.contains(root)
            || match.lines(-40..<0).contains { line in
                guard let path = fileLine.captures(in: line)?["path"], !PythonSyntax.isInPackage(path) else {
                    return false
                }
                return path.split(separator: "/").contains { $0 == root || $0 == root + ".py" }
            }
    }

    private static let fileLine: LinePattern = "file '{path*}'"

    private static let ownNames: Set<String> = [
        "app", "main", "src", "config", "utils", "util", "models", "model", "api", "server", "backend",
        "frontend", "core", "lib", "helpers", "helper", "routes", "routers", "services", "database", "db",
        "settings", "tools", "agents", "modules", "schemas", "constants", "common", "handlers", "views",
        "crud", "logger", "pipeline", "inference", "scripts",
    ]

    /// Adds the package of the module `name`, and what the build log says about packages: `installed`,
    /// `stages` if the Dockerfile has more than one FROM, `nothing` if a Dockerfile of an app has no step that
    /// installs packages, `silent` if the steps that install packages print nothing.
    private static let package = Condition.computed { match in
        let name = match["name"] ?? ""
        let (module, package) = distribution(of: name)
        let root = String(name.prefix { $0 != "." })
        var values = ["package": package, "root": root]
        if package.lowercased() != root.lowercased() { values["module"] = module }
        let log = Array(match.context.build.lazy.map { NormalizedLine($0) }.filter { $0.has(pipLines) })
        let steps = log.filter { step.matches($0) }
        values["installed"] = log.lazy.compactMap { installed(package, in: $0) }.first
        if steps.count(where: { $0.has("--> from ") }) > 1 { values["stages"] = "" }
        if match.isDocker, !match.isBuild, !steps.isEmpty, !steps.contains(where: { $0.has(installers) }) {
            values["nothing"] = ""
        }
        if steps.count == log.count,
            steps.contains(where: { $0.has("requirements|uv sync|poetry install") })
        {
            values["silent"] = ""
        }
        return values
    }

    private static let step: LinePattern = "^--> "
    private static let pipLines: LinePattern =
        "--> |successfully installed|requirement already satisfied|collecting | + "
    private static let installers: LinePattern = "pip|uv |poetry|conda|mamba|pdm|setup.py|requirements"

    /// Returns the installed package with its version, for example `fastapi-0.115.0`; `nil` if the line does
    /// not say that it was installed.
    private static func installed(_ package: String, in line: NormalizedLine) -> String? {
        // pip installs setuptools in many builds, in versions without pkg_resources or distutils.
        guard !package.hasPrefix("setuptools") else { return nil }
        if let list = installedList.captures(in: line)?["list"] {
            return list.split(separator: " ").map(String.init)
                .first { word in word.lastIndex(of: "-").map { isSame(package, word[..<$0]) } ?? false }
        }
        return requirement.captures(in: line)?["name"].flatMap { isSame(package, $0) ? $0 : nil }
    }

    private static let installedList: LinePattern = "successfully installed {list*}"
    private static let requirement: LinePattern =
        "^ + {name}|requirement already satisfied: {name}|collecting {name}"

    /// Whether both packages provide the same module, for example `opencv-python` and
    /// `opencv-python-headless`.
    private static func isSame(_ one: some StringProtocol, _ other: some StringProtocol) -> Bool {
        let (one, other) = (normalized(one), normalized(other))
        return one == other
            || ["opencv-", "faiss-", "psycopg2", "onnxruntime"].contains {
                one.hasPrefix($0) && other.hasPrefix($0)
            }
    }

    /// Returns the name in lower case with `-` for `_` and `.`, without extras and version.
    private static func normalized(_ name: some StringProtocol) -> String {
        String(name.prefix { !"[<>=!~; ".contains($0) }.lowercased().map { "_.".contains($0) ? "-" : $0 })
    }

    /// Returns the module or its parent in the table, and the name of its package as in requirements.txt.
    private static func distribution(of name: String) -> (module: String, package: String) {
        let parts = name.split(separator: ".").map(String.init)
        let parents = parts.indices.reversed().lazy.map { parts[...$0].joined(separator: ".") }
        if let module = parents.first(where: { distributions[$0] != nil }),
            let package = distributions[module]
        {
            return (module, package)
        }
        let root = parts.first ?? name
        return (
            root,
            root == "google" && parts.count > 2 && parts[1] == "cloud"
                ? "google-cloud-\(parts[2])" : root.replacing("_", with: "-")
        )
    }

    /// The PyPI distributions of modules with another name.
    private static let distributions = [
        "cv2": "opencv-python-headless", "PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml",
        "bs4": "beautifulsoup4", "dotenv": "python-dotenv", "skimage": "scikit-image", "fitz": "pymupdf",
        "docx": "python-docx", "jwt": "pyjwt", "multipart": "python-multipart",
        "pkg_resources": "setuptools<81", "Crypto": "pycryptodome", "faiss": "faiss-cpu",
        "telegram": "python-telegram-bot", "pptx": "python-pptx", "dateutil": "python-dateutil",
        "magic": "python-magic", "google.generativeai": "google-generativeai",
        "google.genai": "google-genai", "google.protobuf": "protobuf", "google.auth": "google-auth",
        "google.oauth2": "google-auth", "googleapiclient": "google-api-python-client",
        "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient", "mysql": "mysql-connector-python",
        "discord": "discord.py", "git": "gitpython", "OpenSSL": "pyopenssl", "whisper": "openai-whisper",
        "distutils": "setuptools", "attr": "attrs", "serial": "pyserial", "jose": "python-jose",
        "socketio": "python-socketio", "slugify": "python-slugify", "environ": "django-environ",
        "decouple": "python-decouple", "rest_framework": "djangorestframework",
        "corsheaders": "django-cors-headers", "nacl": "pynacl", "zmq": "pyzmq",
        "websocket": "websocket-client", "speech_recognition": "SpeechRecognition",
        "ffmpeg": "ffmpeg-python", "dns": "dnspython", "ruamel": "ruamel.yaml", "hydra": "hydra-core",
        "umap": "umap-learn", "bson": "pymongo", "tavily": "tavily-python",
        "serpapi": "google-search-results", "weaviate": "weaviate-client", "telebot": "pyTelegramBotAPI",
        "PyPDF2": "PyPDF2", "IPython": "ipython", "Levenshtein": "levenshtein", "Bio": "biopython",
        "Cython": "cython", "TTS": "coqui-tts", "OpenGL": "pyopengl", "Xlib": "python-xlib",
        "MeCab": "mecab-python3", "PyQt5": "PyQt5", "clip": "git+https://github.com/openai/CLIP.git",
    ]
}
