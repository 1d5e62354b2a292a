@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Messages for the patterns that no collected excerpt matches, written from the sources and the documentation
    /// of the programs that print them; `link` is their repository.
    static let rows: [Excerpt] = hub + images + pip + python + node + system + browsers

    private static func build(
        _ number: Int, _ link: String, _ cause: DiagnosedCause, names: [String] = [], _ log: String
    ) -> Excerpt {
        Excerpt(
            number, link, .space, .buildError, [cause], names: names, message: "Job failed with exit code: 1",
            log: log)
    }

    private static func run(
        _ number: Int, _ link: String, _ cause: DiagnosedCause, names: [String] = [],
        message: String = "Exit code: 1", _ log: String = "", build: String = ""
    ) -> Excerpt {
        Excerpt(
            number, link, .space, .runtimeError, [cause], names: names, message: message, log: log,
            build: build)
    }

    private static let container =
        "Exit code: 128. Reason: failed to create containerd task: failed to create shim task: OCI runtime create "
        + "failed: runc create failed: unable to start container process: "

    private static let hub: [Excerpt] = [
        run(401, "huggingface/hub-docs", .quota, message: "Hardware quota exceeded for this account"),
        build(
            402, "huggingface/hub-docs", .repositorySize,
            "remote: Repository storage limit reached (Max: 1 GB)"),
        build(403, "huggingface/hub-docs", .platform, names: ["--rebuild"], "Error while cloning repository"),
        run(
            404, "opencontainers/runc", .permission, names: ["chmod +x ./start.sh"],
            message: container + #"exec: "./start.sh": permission denied: unknown"#),
        run(
            405, "opencontainers/runc", .execFormat,
            message: container + #"exec: "/app/server": exec format error: unknown"#),
        run(
            406, "opencontainers/runc", .missingCommand, names: ["node:22-slim"],
            message: container + #"exec: "npm": executable file not found in $PATH: unknown"#),
        build(
            407, "moby/buildkit", .platform,
            "ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF"
        ),
        run(
            408, "huggingface/hub-docs", .configuration, names: ["variables unset me/app NAME"],
            message: "Collision on variables and secrets names"),
    ]

    private static let images: [Excerpt] = [
        build(
            411, "moby/buildkit", .platform, names: ["docker.io/library/python:3.12"],
            "ERROR: failed to solve: python:3.12: failed to resolve source metadata for "
                + "docker.io/library/python:3.12: unexpected status from HEAD request to "
                + "https://registry-1.docker.io/v2/library/python/manifests/3.12: 503 Service Unavailable"),
        build(
            412, "moby/buildkit", .baseImage, names: ["linux/amd64"],
            "ERROR: failed to solve: me/app:arm: failed to resolve source metadata for docker.io/me/app:arm: no "
                + "match for platform in manifest: not found"),
        build(
            413, "moby/buildkit", .platform, names: ["another registry"],
            "ERROR: failed to solve: python:3.12: 429 Too Many Requests - Server message: toomanyrequests: You have "
                + "reached your pull rate limit."),
    ]

    private static let pip: [Excerpt] = [
        build(
            421, "pypa/pip", .platform,
            """
            --> RUN pip install flask
            ERROR: HTTPSConnectionPool: Max retries exceeded (Caused by NameResolutionError("Failed to resolve 'pypi.org'"))
            """),
        build(
            422, "pypa/pip", .missingCommand, names: ["apt-get install -y git"],
            "ERROR: Cannot find command 'git' - do you have 'git' installed and in your PATH?"),
        build(
            423, "pypa/setuptools", .buildDependency, names: ["setuptools<81"],
            """
              × Getting requirements to build wheel did not run successfully.
                  ModuleNotFoundError: No module named 'pkg_resources'
            """),
        build(
            424, "psycopg/psycopg2", .buildDependency, names: ["libpq-dev"],
            "      Error: pg_config executable not found."),
        build(
            425, "pypa/pip", .buildDependency, names: ["cmake"],
            "      CMake Error: CMake must be installed to build the following extensions: dlib"),
        build(
            426, "pyca/cryptography", .buildDependency, names: ["rustc"],
            "      Cargo, the Rust package manager, is not installed or is not on PATH."),
        build(
            427, "pypa/pip", .buildDependency, names: ["hnswlib"],
            "  ERROR: Failed building wheel for hnswlib"),
        build(
            428, "pypa/setuptools", .buildDependency, names: ["build-essential"],
            "      error: command 'gcc' failed: No such file or directory"),
    ]

    private static let python: [Excerpt] = [
        run(
            431, "googlecolab/colabtools", .pythonModule, names: ["Google Colab"],
            "ModuleNotFoundError: No module named 'google.colab'"),
        run(
            432, "pypa/pip", .pythonModule, names: ["the last stage"],
            "ModuleNotFoundError: No module named 'flask'",
            build: """
                --> FROM docker.io/library/python:3.12 AS build
                --> RUN pip install flask
                Successfully installed flask-3.0.0
                --> FROM docker.io/library/python:3.12-slim
                """),
        syntaxError(
            433, "print 'a'", "Missing parentheses in call to 'print'. Did you mean print(...)?", "2to3"),
        syntaxError(434, "<<<<<<< HEAD", "invalid syntax", "merge conflict markers"),
        syntaxError(435, "version https://git-lfs.github.com/spec/v1", "invalid syntax", "git lfs pull"),
        run(
            436, "python/cpython", .missingCommand, names: ["node:22-slim"],
            "FileNotFoundError: [Errno 2] No such file or directory: 'node'"),
        run(
            437, "python/cpython", .missingCommand, names: ["corepack"],
            "FileNotFoundError: [Errno 2] No such file or directory: 'pnpm'"),
        run(
            438, "python/cpython", .missingCommand, names: ["npm ci"],
            "FileNotFoundError: [Errno 2] No such file or directory: 'vite'"),
        run(
            439, "python/cpython", .missingCommand, names: ["line gunicorn"],
            "FileNotFoundError: [Errno 2] No such file or directory: 'gunicorn'"),
        run(
            476, "python/cpython", .missingFile, names: ["/app/data"],
            "FileNotFoundError: [Errno 2] No such file or directory: PosixPath('/app/data')"),
        run(
            477, "dash", .missingCommand, names: ["gunicorn"], message: "Exit code: 127",
            "/app/start.sh: 4: gunicorn: not found"),
        run(
            478, "busybox", .missingCommand, names: ["node"], message: "Exit code: 127",
            "./entrypoint.sh: line 25: node: not found"),
        run(
            440, "python/cpython", .privilegedPort, names: ["below 1024"],
            """
                self.socket.bind(self.server_address)
            PermissionError: [Errno 13] Permission denied
            """),
    ]

    private static func syntaxError(_ number: Int, _ code: String, _ message: String, _ name: String)
        -> Excerpt
    {
        run(
            number, "python/cpython", .syntax, names: ["/app/app.py, line 7", name],
            "  File \"/app/app.py\", line 7\n    \(code)\n          ^\nSyntaxError: \(message)")
    }

    private static let node: [Excerpt] = [
        build(
            441, "npm/cli", .npm, names: ["COPY package*.json"],
            "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/app/package.json'"
        ),
        run(
            442, "nodejs/node", .missingFile, names: ["/app/config.json"],
            "Error: ENOENT: no such file or directory, open '/app/config.json'"),
        build(443, "npm/cli", .conflict, names: ["legacy-peer-deps"], "npm error code ERESOLVE"),
        build(
            444, "pnpm/pnpm", .npm,
            "ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is not up to date"
        ),
        run(445, "npm/cli", .npm, names: ["script start:prod"], #"npm error Missing script: "start:prod""#),
        build(446, "npm/cli", .npm, "npm error code E404"),
        build(
            447, "nodejs/node", .outOfMemory, names: ["max-old-space-size"],
            "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
    ]

    private static let system: [Excerpt] = [
        build(
            451, "Debian/apt", .permission, names: ["USER root"],
            "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)"),
        run(
            452, "tianon/dash", .permission, names: ["chmod +x ./start.sh"],
            "/bin/sh: 1: ./start.sh: Permission denied"),
        build(
            453, "Debian/apt", .platform,
            """
            W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Could not connect to deb.debian.org:80
            E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?
            """),
        build(
            454, "Debian/apt", .aptPackage, names: ["newer tag"],
            "E: The repository 'http://deb.debian.org/debian buster Release' does not have a Release file."),
        run(
            455, "pytorch/pytorch", .noGPU, names: ["t4-small"],
            "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory"),
        run(
            456, "spatialaudio/python-sounddevice", .sharedLibrary, names: ["libportaudio2"],
            "OSError: PortAudio library not found"),
        run(
            457, "NaturalHistoryMuseum/pyzbar", .sharedLibrary, names: ["libzbar0"],
            "ImportError: Unable to find zbar shared library"),
        run(
            458, "madmaze/pytesseract", .sharedLibrary, names: ["tesseract-ocr"],
            "pytesseract.pytesseract.TesseractNotFoundError: tesseract is not installed or it's not in your PATH."
        ),
        run(
            459, "Belval/pdf2image", .sharedLibrary, names: ["poppler-utils"],
            "pdf2image.exceptions.PDFInfoNotInstalledError: Unable to get page count. Is poppler installed and in PATH?"
        ),
        run(
            460, "ahupp/python-magic", .sharedLibrary, names: ["libmagic1"],
            "ImportError: failed to find libmagic.  Check your installation"),
        run(
            461, "numpy/numpy", .outOfMemory,
            "OSError: [Errno 12] Cannot allocate memory"),
        run(462, "gitster/bash", .outOfMemory, "/app/start.sh: line 3:    17 Killed"),
        run(463, "python/cpython", .portTaken, "OSError: [Errno 98] Address already in use"),
        run(464, "tianon/dash", .missingCommand, names: ["corepack"], "/bin/sh: 1: pnpm: not found"),
        run(
            465, "tianon/dash", .missingCommand, names: ["apt-get install -y ffmpeg"],
            "/bin/sh: 1: ffmpeg: not found"),
        run(
            466, "benoitc/gunicorn", .privilegedPort, names: ["port 80"],
            "[2026-01-01 00:00:00 +0000] [1] [ERROR] Can't connect to ('0.0.0.0', 80)"),
        run(
            467, "python/cpython", .permission, names: ["volumes set"],
            "sqlite3.OperationalError: unable to open database file"),
        run(
            468, "bminor/glibc", .sharedLibrary, names: ["GLIBC_2.38"],
            "node: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by node)"),
    ]

    private static let browsers: [Excerpt] = [
        run(
            471, "microsoft/playwright", .browser, names: ["--with-deps"],
            """
            browserType.launch: Host system lacks what the browser needs
            Missing libraries:
                libnss3.so
            """),
        run(
            472, "puppeteer/puppeteer", .browser, names: ["puppeteer browsers install"],
            "Error: Could not find Chrome (ver. 126.0.6478.126)."),
        run(
            473, "puppeteer/puppeteer", .browser, names: ["--with-deps"],
            """
            Error: Failed to launch the browser process!
            chrome: error while loading shared libraries: libnss3.so
            """),
        run(
            474, "SeleniumHQ/selenium", .browser, names: ["--disable-dev-shm-usage"],
            "selenium.common.exceptions.WebDriverException: Message: unknown error: session deleted because of page crash"
        ),
        run(
            475, "SeleniumHQ/selenium", .browser, names: ["chromium chromium-driver"],
            "selenium.common.exceptions.NoSuchDriverException: Message: Unable to obtain driver for chrome"),
    ]
}
