/// Failures of the image and the machine: Debian packages, libraries, programs, memory, disk, GPU, browsers.
enum SystemFailures {
    static let patterns: [FailurePattern] = apt + libraries + resources + commands + browsers

    /// Returns how to install Debian packages in the image.
    static func install(_ packages: String) -> String {
        "{docker?add RUN apt-get update && apt-get install -y \(packages) to the Dockerfile|"
            + "add the line \(packages) to packages.txt}"
    }

    static let makeExecutable =
        "run git update-index --chmod=+x on it in the source, or RUN chmod +x {program|the command} in the Dockerfile"
    static let useLessMemory =
        "{build?build less at once (fewer jobs, --no-cache-dir, a smaller base image), or use an image that "
        + "is already built|load less (a smaller model, fewer workers), or use larger hardware: spacesync hardware {space}}"

    /// Returns the first names, each once.
    static func list(_ names: [String]) -> String {
        var seen: [String] = []
        for name in names where !seen.contains(name) { seen.append(name) }
        return seen.isEmpty
            ? "of that name" : seen.prefix(4).joined(separator: ", ") + (seen.count > 4 ? " …" : "")
    }

    private static let apt: [FailurePattern] = [
        FailurePattern(
            .aptPackage, "unable to locate package|has no installation candidate|(no such package)",
            when: [.computed(missingPackages)], why: "the image's distribution has no package {packages}",
            fix: "{renamed?%; or start from an older tag of the base image (bookworm, jammy)|use its "
                + "name in that distribution, run apt-get update in the same RUN, or start from an older "
                + "tag of the base image}"),
        FailurePattern(
            .aptPackage, "unable to fetch some archives", when: [.lines(-12..<12, "404|not found")],
            why: "apt requests versions that the package server no longer has",
            fix: "run apt-get update && apt-get install in one RUN, so that the lists are never older "
                + "than the packages"),
        FailurePattern(
            .platform, "unable to fetch some archives",
            when: [
                .lines(
                    -12..<12,
                    [
                        "could not resolve|could not connect|connection timed out|connection failed|503 ",
                        "hash sum mismatch",
                    ])
            ],
            why: "the package server did not respond to the builder",
            fix: "build it again: spacesync push {space} --rebuild"),
        FailurePattern(
            .aptPackage, "does not have a release file",
            why: "the base image is so old that its package server no longer exists",
            fix: "use a newer tag, for example python:3.11-slim-bookworm instead of python:3.8-buster"),
    ]

    private static func missingPackages(_ match: LogMatch) -> [String: String]? {
        let lines: LinePattern = [
            "unable to locate package {name}|package '{name}' has no installation candidate",
            "{name} (no such package)",
        ]
        let names = (match.lines(-6..<6)).compactMap { lines.captures(in: $0)?["name"] }
        let renamed = names.compactMap { name in newNames[name].map { "\(name) is now \($0)" } }
        return ["packages": list(names)]
            .merging(renamed.isEmpty ? [:] : ["renamed": renamed.joined(separator: ", ")]) { $1 }
    }

    private static let newNames = [
        "libgl1-mesa-glx": "libgl1", "libegl1-mesa": "libegl1", "libgles2-mesa": "libgles2",
        "netcat": "netcat-openbsd", "libglib2.0-0": "libglib2.0-0t64", "libasound2": "libasound2t64",
        "libatk1.0-0": "libatk1.0-0t64", "libcups2": "libcups2t64", "libgtk-3-0": "libgtk-3-0t64",
        "libssl1.1": "libssl3", "libtiff5": "libtiff6", "ttf-ubuntu-font-family": "fonts-ubuntu",
        "ttf-unifont": "fonts-unifont", "libffi7": "libffi8", "python3-distutils": "in python3-setuptools",
        "libjpeg-turbo8": "libjpeg62-turbo", "libicu66": "libicu72",
    ]

    private static let libraries: [FailurePattern] = [
        FailurePattern(
            .noGPU, missingLibrary, when: [.error, library, .value("library", "^libcuda.so")],
            why: "the GPU driver {library} is missing: the Space has no GPU", fix: findGPU),
        FailurePattern(
            .sharedLibrary, missingLibrary,
            when: [
                .error, library,
                .value(
                    "library",
                    "^libcuda|^libcublas|^libcudnn|^libnvrtc|^libcufft|^libnvidia|^libnccl"),
            ],
            why: "the image has no {library}, a part of CUDA",
            fix: "use an image with that CUDA version (nvidia/cuda:…-runtime), or install the packages for "
                + "CPU"),
        FailurePattern(
            .sharedLibrary, missingLibrary,
            when: [.error, library, .lookup("stem", debianLibraries, as: "package")],
            why: "the image has no {library}",
            fix: install("{package}")),
        FailurePattern(
            .sharedLibrary, missingLibrary, when: [.error, library], why: "the image has no {library}",
            fix: "install the Debian package that contains it (search https://packages.debian.org for the "
                + "file name)"),
        FailurePattern(
            .sharedLibrary, "sndfile library not found", when: [.error],
            why: "the image has no libsndfile.so",
            fix: install("libsndfile1")),
        FailurePattern(
            .sharedLibrary, "version 'glibc_|version 'glibcxx_",
            when: [.optional(.line("version '{version}'"))],
            why: "a program in the image was built for a newer Linux ({version|glibc})",
            fix:
                "use a newer base image (for example a -trixie tag instead of -bookworm), or build it in the "
                + "image"),
        missingDebian("libportaudio2", "portaudio library not found"),
        missingDebian("libzbar0", "unable to find zbar shared library"),
        missingDebian("tesseract-ocr", "tesseract is not installed"),
        missingDebian("poppler-utils", "unable to get page count. is poppler installed"),
        missingDebian("libmagic1", "failed to find libmagic|no working dot"),
    ]

    private static func missingDebian(_ package: String, _ line: LinePattern) -> FailurePattern {
        FailurePattern(.sharedLibrary, line, why: "\(package) is not in the image", fix: install(package))
    }

    private static let missingLibrary: LinePattern = "{path}: cannot open shared object file"

    /// Adds the name of the file, and the part before `.so`.
    private static let library = Condition.computed { match in
        let name = (match["path"] ?? "").split(separator: "/").last.map {
            String($0).trimmed { ":,".contains($0) }
        }
        return name.map { ["library": $0, "stem": $0.before(".so") ?? $0] }
    }

    /// The Debian package of each library.
    private static let debianLibraries: [String: String] = [
        "libGL": "libgl1", "libEGL": "libegl1", "libgthread-2.0": "libglib2.0-0",
        "libglib-2.0": "libglib2.0-0", "libgobject-2.0": "libglib2.0-0", "libSM": "libsm6",
        "libICE": "libice6", "libXext": "libxext6", "libXrender": "libxrender1", "libX11": "libx11-6",
        "libsndfile": "libsndfile1", "libportaudio": "libportaudio2", "libmagic": "libmagic1",
        "libpq": "libpq5", "libgomp": "libgomp1", "libnss3": "libnss3", "libnspr4": "libnspr4",
        "libgbm": "libgbm1", "libasound": "libasound2", "libatk-1.0": "libatk1.0-0",
        "libatk-bridge-2.0": "libatk-bridge2.0-0", "libcups": "libcups2", "libdrm": "libdrm2",
        "libxkbcommon": "libxkbcommon0", "libXcomposite": "libxcomposite1", "libXdamage": "libxdamage1",
        "libXrandr": "libxrandr2", "libpango-1.0": "libpango-1.0-0",
        "libpangocairo-1.0": "libpangocairo-1.0-0", "libcairo": "libcairo2", "libxml2": "libxml2",
        "libxslt": "libxslt1.1", "libzbar": "libzbar0", "libodbc": "unixodbc",
        "libespeak-ng": "libespeak-ng1", "libtesseract": "tesseract-ocr",
        "libmysqlclient": "default-libmysqlclient-dev", "libmariadb": "libmariadb3", "libssl": "libssl3",
        "libffi": "libffi8", "libopenblas": "libopenblas0", "libusb-1.0": "libusb-1.0-0",
        "libgeos_c": "libgeos-c1v5", "libgdal": "libgdal-dev", "libavcodec": "ffmpeg",
        "libGLU": "libglu1-mesa", "libOSMesa": "libosmesa6", "libstdc++": "libstdc++6",
        "libsqlite3": "libsqlite3-0", "libjpeg": "libjpeg62-turbo", "libtiff": "libtiff6",
        "libopus": "libopus0", "libvips": "libvips42",
    ]

    private static let resources: [FailurePattern] = [
        FailurePattern(
            .noGPU,
            [
                "found no nvidia driver|no cuda gpus are available|torch not compiled with cuda enabled",
                "cuda driver version is insufficient",
            ],
            when: [.error], why: "the app needs a GPU, and the Space has none", fix: findGPU),
        FailurePattern(
            .gpuMemory, "cuda out of memory|cuda error: out of memory|cublas_status_alloc_failed",
            why: "the GPU's memory is too small for this model",
            fix: "use a smaller or quantised model, smaller batches, or larger hardware: spacesync hardware "
                + "{space}"),
        FailurePattern(
            .outOfMemory,
            "cannot allocate memory|std::bad_alloc|memoryerror|out of memory|oomkilled|oom-kill", .likely,
            when: [.not(.line("cuda|heap out of"))], why: "there was not enough memory", fix: useLessMemory),
        FailurePattern(
            .outOfMemory, "exit code: 137", .weak,
            why: "it was killed (exit code 137), usually because it ran out of memory",
            fix: useLessMemory),
        FailurePattern(
            .outOfMemory, "killed", .weak, when: [.computed(isKilled)],
            why: "a process was killed, usually because it ran out of memory", fix: useLessMemory),
        FailurePattern(
            .terminated, "exit code: 143|exit code: -15", .weak,
            why: "it was stopped (143, SIGTERM), by a newer build, by a restart, or because memory ran out",
            fix: "{build?push again with --rebuild; if it happens again, build less at once|spacesync "
                + "restart {space}; if it happens again, check its memory with spacesync metrics {space}}"),
        FailurePattern(
            .disk, "no space left on device", when: [.build], why: "the disk is full",
            fix: "install less: torch without CUDA (--index-url https://download.pytorch.org/whl/cpu), "
                + "pip --no-cache-dir, a smaller base image"),
        FailurePattern(
            .disk, "no space left on device", why: "the disk is full",
            fix: "download less at the start, clean up caches, or keep the data on a volume"),
        FailurePattern(
            .portTaken, "address already in use|cannot find empty port in range", .likely,
            when: [.line("error|errno|eaddrinuse")], why: "two servers in the container want the same port",
            fix: "start only one of them, or give each its own port"),
    ]

    /// The shell prints `Killed` at the end of a line; other programs write the word in lower case.
    private static func isKilled(_ match: LogMatch) -> [String: String]? {
        let text = match.line.text.trimmed { " .".contains($0) }
        return text.hasSuffix("Killed") && text.utf8.count < 200 ? [:] : nil
    }

    private static let findGPU =
        "run spacesync hardware {space} t4-small (it costs money; spacesync hardware lists prices), or let the app run on the CPU"

    private static let commands: [FailurePattern] =
        [
            FailurePattern(
                .startScript, commandNotFound,
                when: [
                    .error, .value("program", "^import$|^from$|^def$"),
                    .optional(.line("{script}: line ")),
                ],
                why: "a shell runs {script|a script}, which contains Python code",
                fix: "start it with python{script? %}, or give it #!/usr/bin/env "
                    + "python3 as its first line"),
            FailurePattern(
                .dockerfileSyntax, commandNotFound, when: [.error, .value("program", "^[")],
                why: "a CMD or ENTRYPOINT is not valid JSON, so a shell runs it and looks for {program}",
                fix: "put double quotes around each word and commas between them: CMD [\"npm\", \"start\"]"),
        ] + missingProgram(commandNotFound, when: [.error]) + [
            missingProgram(
                commandNotFound, when: [.error],
                fix: "install it in the Dockerfile before it is used; programs that pip installs need ENV "
                    + "PATH=/home/user/.local/bin:$PATH"),
            FailurePattern(
                .ended, "exit code: 0", .weak, when: [.fromHub, .app], why: "the app exited by itself",
                fix: "its command must stay in the foreground (nginx -g 'daemon off;', no trailing &)"),
            FailurePattern(
                .missingCommand, "exit code: 127", .weak, why: "a command is not in the image (127)",
                fix: "install it in the Dockerfile, or fix the CMD"),
            FailurePattern(
                .missingCommand, "{program}: cannot execute: required file not found",
                why: "{program} exists, but not the interpreter in its #! line", fix: executeBit),
            FailurePattern(
                .missingCommand, "exit code: 126|cannot execute: required file not found", .weak,
                why: "the command exists, but cannot be executed (126)", fix: executeBit),
        ]

    /// `/bin/sh: 1: uvicorn: not found`, `/app/start.sh: 4: uvicorn: not found`, `bash: line 3: foo: command not
    /// found`, `exec: "yarn": executable file not found in $PATH`.
    private static let commandNotFound: LinePattern = [
        "exec: '{program}': executable file not found|exec: '{program}': not found",
        "{program}: command not found|sh: …{program}: not found|env: …{program}: not found",
    ]
    private static let executeBit =
        "make it executable (chmod +x), with a #! line that exists in the image; a virtual environment does "
        + "not work after a COPY to another path or another Python"

    /// Returns rows for the known programs.
    static func missingProgram(_ line: LinePattern, when conditions: [Condition]) -> [FailurePattern] {
        [
            missingProgram(
                line, when: conditions + [.value("program", "^node$|^npm$|^npx$|^corepack$|^yarn$")],
                fix: NodeFailures.install()),
            missingProgram(
                line, when: conditions + [.value("program", "^pnpm$")],
                fix: NodeFailures.install(note: " (with RUN corepack enable)")),
            missingProgram(
                line,
                when: conditions + [
                    .value(
                        "program",
                        "^next$|^vite$|^tsc$|^nuxt$|^ng$|^react-scripts$|^webpack$|^turbo$|^rollup$|^tsx$")
                ],
                fix: "add RUN npm ci with development dependencies (without NODE_ENV=production, --omit=dev) "
                    + "before it"),
            missingProgram(
                line, when: conditions + [.lookup("program", debianPrograms, as: "package")],
                fix: install("{package}")),
            missingProgram(
                line,
                when: conditions + [.value("program", "^uvicorn$|^gunicorn$|^streamlit$|^flask$|^gradio$")],
                fix: "add the line {program} to requirements.txt"),
        ]
    }

    private static func missingProgram(
        _ line: LinePattern, when conditions: [Condition], fix: String
    ) -> FailurePattern {
        FailurePattern(
            .missingCommand, line, when: conditions, why: "the image has no program {program}", fix: fix)
    }

    private static let debianPrograms = [
        "ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "git": "git", "git-lfs": "git-lfs", "curl": "curl",
        "wget": "wget", "gcc": "build-essential", "g++": "build-essential", "make": "build-essential",
        "cmake": "cmake", "which": "debianutils", "tesseract": "tesseract-ocr", "pdftoppm": "poppler-utils",
        "pdfinfo": "poppler-utils", "unzip": "unzip", "sox": "sox", "espeak": "espeak-ng",
        "soffice": "libreoffice", "libreoffice": "libreoffice", "java": "default-jre-headless",
        "chromium": "chromium", "chromedriver": "chromium-driver", "nginx": "nginx",
        "supervisord": "supervisor", "xvfb-run": "xvfb", "bash": "bash", "sudo": "sudo", "ps": "procps",
        "exiftool": "libimage-exiftool-perl", "dot": "graphviz",
    ]

    /// Chromium and its drivers: Playwright, Puppeteer, Selenium.
    private static let browsers: [FailurePattern] = [
        FailurePattern(
            .browser,
            [
                "no usable sandbox|suid sandbox helper|without --no-sandbox is not supported|zygote_host_impl",
                "failed to move to new namespace",
            ],
            why: "the browser cannot create its sandbox here", fix: startFlags),
        FailurePattern(
            .browser, "host system is missing dependencies", why: noLibraries, fix: installLibraries),
        FailurePattern(
            .browser, "missing libraries:", when: [.log("playwright|browser")], why: noLibraries,
            fix: installLibraries),
        FailurePattern(
            .browser, "could not find chrome (ver|could not find chromium", why: missingBrowser,
            fix: "RUN npx puppeteer browsers install chrome as that user, or install chromium with apt and "
                + "set executablePath to /usr/bin/chromium"),
        FailurePattern(
            .browser, "executable doesn't exist at|looks like playwright", why: missingBrowser,
            fix: "RUN playwright install --with-deps chromium (npx playwright in Node) with ENV "
                + "PLAYWRIGHT_BROWSERS_PATH=/ms-playwright before it"),
        FailurePattern(
            .browser, noBrowserStart, when: [.lines(-8..<8, "shared object file|shared libraries")],
            why: noLibraries, fix: installLibraries),
        FailurePattern(
            .browser, noBrowserStart, .likely,
            why: "the browser did not start, usually because a sandbox or shared memory is missing",
            fix: startFlags),
        FailurePattern(
            .browser, "session deleted because of page crash|page crashed|target crashed|/dev/shm", .likely,
            when: [.line("crash|shm_open|creating shared memory|unable to")],
            why: "the browser ran out of shared memory: /dev/shm is small in a container", fix: startFlags),
        FailurePattern(
            .browser,
            [
                "'chromedriver' executable needs to be in path|unable to obtain driver",
                "unable to locate driver|cannot find chrome binary",
            ],
            why: "Chrome or its driver is not in the image",
            fix: "\(install("chromium chromium-driver")), and set the driver path to /usr/bin/chromedriver"),
    ]

    private static let noBrowserStart: LinePattern = [
        "devtoolsactiveport file doesn't exist|chrome failed to start",
        "failed to launch the browser process|failed to launch browser",
    ]
    private static let missingBrowser =
        "the browser is not in the image, or not where uid 1000 looks for it"

    private static let startFlags =
        "launch it with --no-sandbox and --disable-dev-shm-usage (args of launch, or Selenium's options)"
    private static let noLibraries = "the browser is installed, but not the libraries that it needs"
    private static let installLibraries =
        "RUN playwright install --with-deps chromium as root in the Dockerfile, before USER"
}
