import Testing

@testable import BuildDiagnosis
@testable import SpacesModel

/// Tests for the details of a diagnosis that the excerpts do not cover.
struct DiagnosisTests {
    let space: SpaceID

    init() throws { space = try #require(SpaceID("me/app")) }

    private func run(
        _ lines: String..., message: String = "Exit code: 1", sdk: String = "docker", port: Int? = nil
    ) -> Diagnosis {
        .of(
            FailureContext(
                .runtimeError, of: space, errorMessage: message, run: lines, sdk: sdk, appPort: port))
    }

    private func build(_ lines: String..., message: String? = "Job failed with exit code: 1") -> Diagnosis {
        .of(FailureContext(.buildError, of: space, errorMessage: message, build: lines))
    }

    private static let slow = "Launch timed out, workload was not healthy after 30 min"

    @Test func `a port is wrong only if it differs from the card's`() {
        let line = "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)"
        #expect(run(line, message: Self.slow).hint.contains("card = app_port: 8000"))
        #expect(run(line, message: Self.slow, port: 8000).cause == .startTimeout)
    }

    @Test func `a localhost URL alone does not mean that the server listens on loopback`() {
        let next = run(
            "- Local:        http://localhost:7860", "- Network:      http://10.1.2.3:7860",
            message: Self.slow)
        #expect(next.cause == .startTimeout)
        #expect(run("Listening at: http://127.0.0.1:7860 (7)", message: Self.slow).cause == .loopback)
    }

    @Test func `a traceback explains a start that took too long`() {
        let diagnosis = run("KeyError: 'DB_URL'", "  raise KeyError(key) from None", message: Self.slow)
        #expect(diagnosis.cause == .missingSecret)
    }

    @Test func `a truncated error message is diagnosed from the run log`() {
        let diagnosis = run(
            "===== Application Startup at 2026-01-02 03:04:05 =====", "Traceback (most recent call last):",
            "ModuleNotFoundError: No module named 'cv2'",
            message: "Exit code: 1. Reason: ent call last):\n  File \"/app/a")
        #expect(diagnosis.cause == .pythonModule)
        #expect(diagnosis.hint.contains("opencv-python-headless"))
        #expect(diagnosis.firstError == "ModuleNotFoundError: No module named 'cv2'")
    }

    @Test func `the log of an earlier run is ignored`() {
        let diagnosis = run(
            "===== Application Startup at 2026-01-02 03:04:05 =====",
            "ModuleNotFoundError: No module named 'cv2'",
            "===== Application Startup at 2026-01-02 04:04:05 =====", "ValueError: 3")
        #expect(diagnosis.cause == nil)
        #expect(diagnosis.firstError == "ValueError: 3")
    }

    @Test func `the last exception counts, not one that was caught before`() {
        let diagnosis = run(
            "ModuleNotFoundError: No module named 'xformers'", "going on without it",
            "FileNotFoundError: [Errno 2] No such file or directory: 'model/weights.bin'")
        #expect(diagnosis.cause == .missingFile)
        #expect(diagnosis.hint.contains("model/weights.bin"))
    }

    @Test func `a warning is not a cause`() {
        #expect(
            run(
                "UserWarning: CUDA initialization: Found no NVIDIA driver on your system",
                "ZeroDivisionError: division by zero"
            ).cause == nil)
        #expect(
            run("WARNING: HF_TOKEN is not set, going on without", "ZeroDivisionError: division by zero").cause
                == nil)
        #expect(run("No module named 'triton'", "ZeroDivisionError: division by zero").cause == nil)
    }

    @Test func `warnings before an unrelated exception are not the cause`() {
        let diagnosis = run(
            "mkdir -p failed for path /.config/matplotlib: [Errno 13] Permission denied: '/.config'",
            "[warn] SECRET_KEY is not set", "HF_TOKEN is not set, some models will not load",
            "Traceback (most recent call last):",
            "  File \"/app/app.py\", line 3, in <module>", "ValueError: 3")
        #expect(diagnosis.cause == nil, "\(diagnosis)")
        #expect(diagnosis.firstError == "ValueError: 3")
        #expect(run("HF_TOKEN is not set").cause == .missingSecret)
    }

    @Test func `the Hub's exit code takes precedence over the log`() {
        let killed = run(
            "Traceback (most recent call last):", "ValueError: 3", "going on", message: "Exit code: 137")
        #expect(killed.cause == .outOfMemory)
    }

    @Test func `the output of build steps before the failing one is ignored`() {
        let diagnosis = build(
            "--> RUN ./configure", "configure: gcc: not found, trying cc", "DONE 3.0s", "--> RUN make",
            "make: *** [all] Error 2")
        #expect(diagnosis.cause == nil)
        #expect(diagnosis.step == "RUN make")
        #expect(diagnosis.firstError == "make: *** [all] Error 2")
    }

    @Test func `the failing step is the one in the error message`() {
        let diagnosis = build(
            "--> RUN pip install -r requirements.txt", "ERROR: No matching distribution found for torch==9.9",
            "--> RUN npm ci",
            "added 3 packages",
            "--> ERROR: process \"/bin/sh -c pip install -r requirements.txt\" did not complete successfully: exit code: 1"
        )
        #expect(diagnosis.step == "RUN pip install -r requirements.txt")
        #expect(diagnosis.cause == .noDistribution)
        #expect(diagnosis.hint.contains("torch==9.9"))
    }

    @Test func `an error of a third-party registry is not a platform error`() {
        let unauthorized = build(
            "ERROR: failed to solve: ghcr.io/me/app:1: failed to resolve source metadata for ghcr.io/me/app:1: 401 Unauthorized"
        )
        #expect(unauthorized.cause == .baseImage)
        #expect(!unauthorized.isPlatformError)
        let rateLimited = build(
            "ERROR: failed to solve: python:3.12: 429 Too Many Requests - toomanyrequests: You have reached your pull rate limit"
        )
        #expect(rateLimited.isPlatformError)
    }

    @Test func `a start command that cannot be executed is not a platform error`() {
        let diagnosis = run(
            message: "Exit code: 128. Reason: failed to create containerd task: OCI runtime create failed: "
                + "exec: \"./start.sh\": permission denied: unknown")
        #expect(diagnosis.cause == .permission)
        #expect(diagnosis.hint.contains("chmod +x ./start.sh"))
        #expect(!diagnosis.isPlatformError)
    }

    @Test func `the hint installs a library in the way that the SDK requires`() {
        let line = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
        #expect(run(line).hint.contains("apt-get install -y libgl1"))
        #expect(run(line, sdk: "gradio").hint.contains("libgl1 to packages.txt"))
    }

    @Test func `a missing variable is suggested as a secret unless it is clearly harmless`() {
        let secret = run("KeyError: 'OPENAI_API_KEY'").hint
        #expect(secret.contains("spacesync secrets set me/app OPENAI_API_KEY=env:OPENAI_API_KEY"))
        #expect(run("KeyError: 'DATABASE_URL'").hint.contains("spacesync secrets set me/app DATABASE_URL="))
        #expect(run("KeyError: 'LOG_LEVEL'").hint.contains("spacesync variables set me/app LOG_LEVEL="))
        #expect(run("KeyError: 'name'").cause == nil)
    }

    @Test func `without a known cause the hint names the log command`() {
        #expect(build("--> RUN make", "sad").hint.contains("spacesync logs me/app --build"))
        #expect(run("sad").hint.contains("spacesync logs me/app"))
    }

    @Test func `very long and incomplete lines are handled`() {
        let long = String(repeating: "No module named '\u{1F600}", count: 50_000)
        #expect(
            run(long, "KeyError: ", "KeyError: '", "[Errno 13] Permission denied: ''", "cannot import name")
                .firstError != nil)
        _ = build(
            "--> ", "--> ERROR", "unable to locate package", "failed to calculate checksum",
            "dockerfile parse error line")
    }

    @Test func `permission denied for a port below 1024 is not a file permission error`() {
        let line =
            "ERROR: [Errno 13] error while attempting to bind on address ('0.0.0.0', 80): permission denied"
        #expect(run(line).cause == .privilegedPort)
        #expect(run(line).hint.contains("port 80"))
    }

    @Test func `an unwritable SQLite database is a permission error`() {
        #expect(run("sqlite3.OperationalError: unable to open database file").cause == .permission)
        #expect(run("sqlite3.OperationalError: attempt to write a readonly database").cause == .permission)
    }

    @Test func `a builder without network is a platform error`() {
        let diagnosis = build(
            "--> RUN pip install flask",
            "WARNING: Retrying after connection broken by 'NewConnectionError: Temporary failure in name resolution'",
            "ERROR: Could not find a version that satisfies the requirement flask",
            "ERROR: No matching distribution found for flask")
        #expect(diagnosis.isPlatformError, "\(diagnosis)")
    }

    @Test func `the hint for a secret missing in a build explains secret mounts`() {
        let diagnosis = build(
            "--> RUN python fetch.py", "    token = os.environ['HF_TOKEN']", "KeyError: 'HF_TOKEN'")
        #expect(diagnosis.hint.contains("--mount=type=secret,id=HF_TOKEN"), "\(diagnosis)")
    }
}
