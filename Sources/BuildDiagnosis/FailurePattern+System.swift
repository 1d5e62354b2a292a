extension FailurePattern {
    /// Shared libraries, programs, memory, disk and GPU.
    static let system: [FailurePattern] = [
        FailurePattern(
            "cannot open shared object file", "sndfile library not found",
            "error while loading shared libraries"
        ) { at in
            guard !at.line.isWarning else { return nil }
            let name =
                at.text.before(": cannot open shared")?.lastWord?.trimmed { ":,".contains($0) }
                ?? (at.line.has("sndfile") ? "libsndfile.so" : nil)
            return name.flatMap { library($0, at) }
        },
        FailurePattern("version `glibc_", "version `glibcxx_") { at in
            CauseCandidate(
                cause: .sharedLibrary,
                why:
                    "something in the image was made for a newer Linux (\(at.text.after("version `")?.before("'") ?? "glibc"))",
                fix:
                    "start from a newer base image (a -trixie tag for -bookworm, say), or build it in the image"
            )
        },
        FailurePattern(
            "portaudio library not found", "unable to find zbar shared library", "tesseract is not installed",
            "failed to find libmagic",
            "unable to get page count. is poppler installed", "no working dot"
        ) { at in
            let package =
                at.line.has("portaudio")
                ? "libportaudio2"
                : at.line.has("zbar")
                    ? "libzbar0"
                    : at.line.has("tesseract")
                        ? "tesseract-ocr" : at.line.has("poppler") ? "poppler-utils" : "libmagic1"
            return CauseCandidate(
                cause: .sharedLibrary, why: "\(package) is not in the image",
                fix: at.installHint(debian: package))
        },
        FailurePattern(
            "found no nvidia driver", "no cuda gpus are available", "torch not compiled with cuda enabled",
            "cuda driver version is insufficient"
        ) { at in
            guard !at.line.isWarning else { return nil }
            return noGPU("the app wants a GPU, and the Space has none", at)
        },
        FailurePattern("cuda out of memory", "cuda error: out of memory", "cublas_status_alloc_failed") {
            at in
            CauseCandidate(
                cause: .gpuMemory, why: "the GPU's memory is too small for this model",
                fix:
                    "a smaller or quantised model, smaller batches, or larger hardware: spacesync hardware \(at.space)"
            )
        },
        FailurePattern(
            "cannot allocate memory", "std::bad_alloc", "memoryerror", "out of memory", "oomkilled",
            "oom-kill"
        ) { at in
            at.line.has("cuda") || at.line.has("heap out of")
                ? nil : outOfMemory(at, "there was not memory enough", .likely)
        },
        FailurePattern("exit code: 137") { at in
            outOfMemory(at, "it was killed (137), mostly for want of memory", .weak)
        },
        FailurePattern("killed") { at in
            let message = at.text.trimmed { " .".contains($0) }
            return message.hasSuffix("Killed") && message.utf8.count < 200
                ? outOfMemory(at, "a process was killed, mostly for want of memory", .weak) : nil
        },
        FailurePattern("exit code: 143", "exit code: -15") { at in
            CauseCandidate(
                cause: .terminated,
                why: "it was told to stop (143, SIGTERM): by a newer build, a restart, or for want of memory",
                fix: at.symptoms.isBuild
                    ? "push again with --rebuild; if it comes again, build less at once"
                    : "spacesync restart \(at.space); if it comes again, spacesync metrics \(at.space) shows its memory",
                confidence: .weak)
        },
        FailurePattern("no space left on device") { at in
            CauseCandidate(
                cause: .disk, why: "the disk is full",
                fix: at.symptoms.isBuild
                    ? "install less: torch without CUDA (--index-url https://download.pytorch.org/whl/cpu), pip --no-cache-dir, a smaller base image"
                    : "fetch less at the start, clean up caches, or keep the data on a volume")
        },
        FailurePattern("address already in use", "cannot find empty port in range") { at in
            guard at.line.has(anyOf: ["error", "errno", "eaddrinuse"]) else { return nil }
            return CauseCandidate(
                cause: .portTaken, why: "two servers in the container want the same port",
                fix: "start one of them only, or give each a port of its own", confidence: .likely)
        },
        FailurePattern(": not found", "command not found", "executable file not found", "is not recognized") {
            at in
            guard !at.line.isWarning, let name = command(at.text), name.isPlainWord, !name.contains("://")
            else { return nil }
            if ["import", "from", "def"].contains(name) { return pythonInShell(at) }
            return program(name, programs[name], at)
        },
        FailurePattern("exit code: 0") { at in
            guard at.line.isFromHub, !at.symptoms.isBuild else { return nil }
            return CauseCandidate(
                cause: .ended, why: "the app ended by itself",
                fix: "its command must stay in the foreground (nginx -g 'daemon off;', no trailing &)",
                confidence: .weak)
        },
        FailurePattern("exit code: 127") { at in
            CauseCandidate(
                cause: .missingCommand, why: "a command is not in the image (127)",
                fix: "install it in the Dockerfile, or mend the CMD", confidence: .weak)
        },
        FailurePattern("exit code: 126", "cannot execute: required file not found") { at in
            let name = at.text.before(": cannot execute")?.lastWord
            return CauseCandidate(
                cause: .missingCommand,
                why: name.map { "\($0) is there, but not the interpreter that its #! line names" }
                    ?? "the command is there, but cannot be executed (126)",
                fix: "give it its execute bit (chmod +x) and a #! line that holds in the image; "
                    + "a virtual environment does not survive a COPY to another path or another Python",
                confidence: name == nil ? .weak : .certain)
        },
    ]

    private static func library(_ name: String, _ at: LogMatch) -> CauseCandidate? {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        guard base.isPlainWord else { return nil }
        if ["libcuda", "libcudart", "libcublas", "libcudnn", "libnvrtc", "libcufft", "libnvidia", "libnccl"]
            .contains(where: { base.hasPrefix($0) })
        {
            return base.hasPrefix("libcuda.so")
                ? noGPU("\(base), the GPU's driver, is not there: the Space has no GPU", at)
                : CauseCandidate(
                    cause: .sharedLibrary, why: "the image has no \(base), a part of CUDA",
                    fix:
                        "start from an image with that CUDA (nvidia/cuda:…-runtime), or install the packages for CPU"
                )
        }
        let stem = base.before(".so") ?? base
        let package = debian[stem]
        return CauseCandidate(
            cause: .sharedLibrary, why: "the image has no \(base)",
            fix: package.map { at.installHint(debian: $0) }
                ?? "install the Debian package that holds it (https://packages.debian.org finds it by the file's name)"
        )
    }

    private static func noGPU(_ why: String, _ at: LogMatch) -> CauseCandidate {
        CauseCandidate(
            cause: .noGPU, why: why,
            fix:
                "spacesync hardware \(at.space) t4-small (it costs; hardware alone lists prices), or let the app run on the CPU"
        )
    }

    /// Returns the missing command: `/bin/sh: 1: uvicorn: not found`, `bash: line 3: foo: command
    /// not found`.
    private static func command(_ text: String) -> String? {
        if let quoted = text.after("exec: ")?.replacing("\\", with: "").quoted { return quoted }
        let line = NormalizedLine(text)
        guard line.has("sh: ") || line.has("command not found") || line.has("env: ") else { return nil }
        let head = text.before(": command not found") ?? text.before(": not found")
        return head?.lastWord?.trimmed { ":".contains($0) }
    }

    /// Diagnoses a Python file that a shell runs: `app.py: line 3: import: command not found`.
    private static func pythonInShell(_ at: LogMatch) -> CauseCandidate {
        let script =
            at.text.before(": line ")?.lastWord.flatMap { $0.isPlainWord ? $0 : nil }
            ?? "a script of Python's"
        return CauseCandidate(
            cause: .startScript, why: "a shell runs \(script), which is Python",
            fix: "start it with python \(script), or give it #!/usr/bin/env python3 as its very first line")
    }

    static func program(_ name: String, _ package: String?, _ at: LogMatch) -> CauseCandidate {
        let fix: String
        if name.hasPrefix("[") {
            return CauseCandidate(
                cause: .dockerfileSyntax,
                why: "a CMD or ENTRYPOINT is meant as JSON and is none, so that a shell looks for \(name)",
                fix: "double quotes around each word, commas between: CMD [\"npm\", \"start\"]")
        }
        if ["node", "npm", "npx", "corepack", "yarn", "pnpm"].contains(name) {
            fix = node(name, at)
        } else if ["next", "vite", "tsc", "nuxt", "ng", "react-scripts", "webpack", "turbo", "rollup", "tsx"]
            .contains(name)
        {
            fix =
                "RUN npm ci with development dependencies (without NODE_ENV=production, --omit=dev) before it"
        } else if let package {
            fix =
                package.hasPrefix("pip ")
                ? "a line \(package.dropFirst(4)) in requirements.txt" : at.installHint(debian: package)
        } else {
            fix =
                "install it in the Dockerfile before it is used; a program of pip's wants ENV PATH=/home/user/.local/bin:$PATH"
        }
        return CauseCandidate(cause: .missingCommand, why: "the image has no program \(name)", fix: fix)
    }

    /// Returns how to install Node. Debian's Node is years old, and its npm depends on hundreds of
    /// packages: Node's own image is suggested first.
    static func node(_ name: String, _ at: LogMatch) -> String {
        guard at.isDocker else { return "a line nodejs npm in packages.txt" }
        let corepackNote = name == "pnpm" ? " (with RUN corepack enable)" : ""
        let stage =
            at.symptoms.isBuild
            ? "do that step in a stage of its own, FROM node:22-slim AS web\(corepackNote), and COPY --from=web what it makes"
            : "FROM node:22-slim\(corepackNote) as the last stage"
        return "\(stage), or COPY --from=node:22-slim /usr/local /usr/local; or else "
            + "RUN apt-get update && apt-get install -y nodejs npm (older; apk add nodejs npm on alpine)"
    }

    static let programs: [String: String] = [
        "ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "git": "git", "git-lfs": "git-lfs", "curl": "curl",
        "wget": "wget", "gcc": "build-essential",
        "g++": "build-essential", "make": "build-essential", "cmake": "cmake",
        "which": "debianutils",
        "tesseract": "tesseract-ocr", "pdftoppm": "poppler-utils", "pdfinfo": "poppler-utils",
        "unzip": "unzip", "sox": "sox",
        "espeak": "espeak-ng", "soffice": "libreoffice", "libreoffice": "libreoffice",
        "java": "default-jre-headless",
        "chromium": "chromium", "chromedriver": "chromium-driver", "nginx": "nginx",
        "supervisord": "supervisor", "xvfb-run": "xvfb",
        "uvicorn": "pip uvicorn", "gunicorn": "pip gunicorn", "streamlit": "pip streamlit",
        "flask": "pip flask", "gradio": "pip gradio",
        "bash": "bash", "sudo": "sudo", "ps": "procps", "exiftool": "libimage-exiftool-perl",
        "dot": "graphviz",
    ]

    /// The Debian package of each library.
    private static let debian: [String: String] = [
        "libGL": "libgl1", "libEGL": "libegl1", "libgthread-2.0": "libglib2.0-0",
        "libglib-2.0": "libglib2.0-0",
        "libgobject-2.0": "libglib2.0-0", "libSM": "libsm6", "libICE": "libice6", "libXext": "libxext6",
        "libXrender": "libxrender1",
        "libX11": "libx11-6", "libsndfile": "libsndfile1", "libportaudio": "libportaudio2",
        "libmagic": "libmagic1", "libpq": "libpq5",
        "libgomp": "libgomp1", "libnss3": "libnss3", "libnspr4": "libnspr4", "libgbm": "libgbm1",
        "libasound": "libasound2",
        "libatk-1.0": "libatk1.0-0", "libatk-bridge-2.0": "libatk-bridge2.0-0", "libcups": "libcups2",
        "libdrm": "libdrm2",
        "libxkbcommon": "libxkbcommon0", "libXcomposite": "libxcomposite1", "libXdamage": "libxdamage1",
        "libXrandr": "libxrandr2",
        "libpango-1.0": "libpango-1.0-0", "libpangocairo-1.0": "libpangocairo-1.0-0", "libcairo": "libcairo2",
        "libxml2": "libxml2",
        "libxslt": "libxslt1.1", "libzbar": "libzbar0", "libodbc": "unixodbc",
        "libespeak-ng": "libespeak-ng1",
        "libtesseract": "tesseract-ocr", "libmysqlclient": "default-libmysqlclient-dev",
        "libmariadb": "libmariadb3",
        "libssl": "libssl3", "libffi": "libffi8", "libopenblas": "libopenblas0", "libusb-1.0": "libusb-1.0-0",
        "libgeos_c": "libgeos-c1v5",
        "libgdal": "libgdal-dev", "libavcodec": "ffmpeg", "libGLU": "libglu1-mesa", "libOSMesa": "libosmesa6",
        "libstdc++": "libstdc++6",
        "libsqlite3": "libsqlite3-0", "libjpeg": "libjpeg62-turbo", "libtiff": "libtiff6",
        "libopus": "libopus0", "libvips": "libvips42",
    ]
}
