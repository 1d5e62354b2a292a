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
