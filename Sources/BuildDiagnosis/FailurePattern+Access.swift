extension FailurePattern {
    /// Permission errors: the Hub runs containers as user 1000.
    static let access: [FailurePattern] = [
        FailurePattern("bind() to ", "attempting to bind on", "listen eacces", "bind: permission denied") {
            at in
            at.line.has(anyOf: ["permission denied", "eacces"]) ? privilegedPort(at) : nil
        },
        // Python's message has no port, and gunicorn's has no reason.
        FailurePattern("permissionerror") { at in
            at.preceding(3).contains { $0.has(".bind(") } ? privilegedPort(at) : nil
        },
        FailurePattern("can't connect to ('") { at in
            at.text.after("', ")?.before(")").flatMap { Int($0) }.map { $0 < 1024 } == true
                ? privilegedPort(at) : nil
        },
        FailurePattern("unable to open database file", "attempt to write a readonly database") { at in
            guard !at.line.isWarning else { return nil }
            return CauseCandidate(
                cause: .permission,
                why: "sqlite may not write where its database lies: the Hub runs containers as uid 1000",
                fix:
                    "COPY --chown=user, or RUN chown -R 1000 of its directory; what must outlive a restart "
                    + "belongs on a volume: spacesync volumes set \(at.space) …")
        },
        FailurePattern("could not open lock file", "are you root?") { at in
            guard at.symptoms.isBuild else { return nil }
            return CauseCandidate(
                cause: .permission, why: "apt runs as a user that may not install",
                fix:
                    "put the apt-get before USER in the Dockerfile, or USER root before it and USER user behind it"
            )
        },
        FailurePattern(
            "permission denied", "permissionerror", "permissiondenied", "eacces", "read-only file system",
            "operation not permitted"
        ) { at in
            guard
                !at.line.has(anyOf: [
                    "bind(", "attempting to bind", "listen eacces", "publickey", "mkdir -p failed",
                    "matplotlib", "lock file",
                    "postgres", "[eacces] warning", "failed (13:",
                ])
            else {
                return nil
            }
            if let script = notExecutablePath(at) { return notExecutable(script) }
            let path = at.following(2).lazy.compactMap { deniedPath($0.text) }.first
            return permissionDenied(path, at)
        },
    ]

    private static func privilegedPort(_ at: LogMatch) -> CauseCandidate {
        let port = at.text.split { !$0.isNumber }.map(String.init).last {
            Int($0).map { $0 < 1024 && $0 > 0 } == true && $0 != "13"
        }
        return CauseCandidate(
            cause: .privilegedPort,
            why: "the app may not listen on port \(port ?? "below 1024"): the Hub runs it as uid 1000",
            fix:
                "listen on 7860 (nginx: listen 7860;), or any port above 1023 with card = app_port: … of the target"
        )
    }

    /// Returns the path of a script that is not executable: `/bin/sh: 1: ./start.sh: Permission
    /// denied`, `exec /start.sh: permission denied`.
    private static func notExecutablePath(_ at: LogMatch) -> String? {
        guard at.line.has(anyOf: ["sh: ", "exec /", "exec ./"]),
            !at.line.has(anyOf: [
                "cannot create", "can't create", "cannot open", "can't open", "cannot touch",
            ]),
            let head = at.text.before(": permission denied")
        else { return nil }
        return head.lastWord.flatMap {
            ($0.contains("/") || $0.hasSuffix(".sh")) && $0.isPlainWord ? $0 : nil
        }
    }

    private static func deniedPath(_ text: String) -> String? {
        let quoted =
            text.after("denied")?.quoted ?? text.after("system: ")?.quoted ?? text.after("cannot ")?.quoted
            ?? text.after("mkdir ")?.quoted
        let bare = text.before(": permission denied")?.lastWord
        return (quoted ?? bare ?? text.quoted).flatMap { path in
            path.utf8.count <= 200 && (path.contains("/") || quoted != nil) && !path.contains(" ")
                ? path : nil
        }
    }

    private static func permissionDenied(_ path: String?, _ at: LogMatch) -> CauseCandidate {
        let reason = "the Hub runs containers as uid 1000"
        guard let path else {
            return CauseCandidate(
                cause: .permission, why: "\(reason), which may not do this",
                fix: "COPY --chown=user . . and chown -R 1000 of what the app writes, in the Dockerfile",
                confidence: .likely)
        }
        let why = "\(reason), which may not use \(path)"
        if path.hasPrefix("/data") {
            return CauseCandidate(
                cause: .permission, why: why,
                fix:
                    "/data is there only with a volume: spacesync volumes set \(at.space) hf://buckets/OWNER/NAME:/data; "
                    + "else RUN mkdir -p /data && chown 1000 /data",
                confidence: .likely)
        }
        if path.hasPrefix("/root") || path.hasPrefix("/.") {
            return CauseCandidate(
                cause: .permission, why: why,
                fix:
                    "give it a home: RUN useradd -m -u 1000 user, USER user, ENV HOME=/home/user in the Dockerfile"
            )
        }
        guard path.hasPrefix("/") else {
            return CauseCandidate(
                cause: .permission, why: "\(reason), which may not write \(path) in the working directory",
                fix:
                    "WORKDIR /home/user/app and COPY --chown=user . . in the Dockerfile, or RUN chown 1000 on that directory"
            )
        }
        if let cache = path.before("/hub/models--") ?? path.before("/hub/datasets--") {
            return CauseCandidate(
                cause: .permission, why: why,
                fix: "RUN mkdir -p \(cache) && chown -R 1000 \(cache) in the Dockerfile, or "
                    + "ENV HF_HOME=/tmp/huggingface")
        }
        let folder = path.folder
        return CauseCandidate(
            cause: .permission, why: why,
            fix:
                "RUN mkdir -p \(folder) && chown -R 1000 \(folder) in the Dockerfile (COPY --chown=user for what is copied there)"
        )
    }
}

extension FailurePattern {
    /// Chromium and its drivers: Playwright, Puppeteer, Selenium.
    static let browsers: [FailurePattern] = [
        FailurePattern(
            "no usable sandbox", "suid sandbox helper", "without --no-sandbox is not supported",
            "zygote_host_impl", "failed to move to new namespace"
        ) { _ in
            sandbox("the browser may not make its sandbox here")
        },
        FailurePattern("host system is missing dependencies", "missing libraries:") { at in
            at.line.has("missing libraries") && !at.occursAnywhere("playwright", "browser")
                ? nil : dependencies
        },
        FailurePattern(
            "executable doesn't exist at", "could not find chrome (ver", "could not find chromium",
            "looks like playwright"
        ) { at in
            let isPuppeteer = at.line.has("could not find chrom")
            return CauseCandidate(
                cause: .browser,
                why: "the browser itself is not in the image, or not where the user 1000 looks",
                fix: isPuppeteer
                    ? "RUN npx puppeteer browsers install chrome as that user, or apt's chromium with executablePath /usr/bin/chromium"
                    : "RUN playwright install --with-deps chromium (npx playwright in Node) with ENV PLAYWRIGHT_BROWSERS_PATH=/ms-playwright before it"
            )
        },
        FailurePattern(
            "devtoolsactiveport file doesn't exist", "chrome failed to start",
            "failed to launch the browser process", "failed to launch browser"
        ) { at in
            if at.occursNearby("shared object file", "shared libraries") { return dependencies }
            return sandbox(
                "the browser did not start, mostly for want of a sandbox or of shared memory", .likely)
        },
        FailurePattern("session deleted because of page crash", "page crashed", "target crashed", "/dev/shm")
        { at in
            guard at.line.has(anyOf: ["crash", "shm_open", "creating shared memory", "unable to"]) else {
                return nil
            }
            return sandbox("the browser ran out of shared memory: /dev/shm is small in a container", .likely)
        },
        FailurePattern(
            "'chromedriver' executable needs to be in path", "unable to obtain driver",
            "unable to locate driver", "cannot find chrome binary"
        ) { at in
            CauseCandidate(
                cause: .browser, why: "Chrome or its driver is not in the image",
                fix:
                    "\(at.installHint(debian: "chromium chromium-driver")), and /usr/bin/chromedriver as the driver's path"
            )
        },
    ]

    private static func sandbox(_ why: String, _ confidence: CauseCandidate.Confidence = .certain)
        -> CauseCandidate
    {
        CauseCandidate(
            cause: .browser, why: why,
            fix:
                "launch it with --no-sandbox and --disable-dev-shm-usage (args of launch, or Selenium's options)",
            confidence: confidence)
    }

    private static let dependencies = CauseCandidate(
        cause: .browser, why: "the browser is there, but not the libraries it needs",
        fix: "RUN playwright install --with-deps chromium as root in the Dockerfile, before USER")
}
