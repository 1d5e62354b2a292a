import Testing

@testable import BuildDiagnosis
@testable import SpacesModel

/// Tests for the causes that prevent an app from starting: services, syntax, modules, addresses,
/// nginx, Node.
struct StartDiagnosisTests {
    let space: SpaceID

    init() throws { space = try #require(SpaceID("me/app")) }

    private func run(
        _ lines: String..., message: String = "Exit code: 1", build: [String] = [], sdk: String = "docker",
        port: Int? = nil
    ) -> Diagnosis {
        .of(
            FailureContext(
                .runtimeError, of: space, errorMessage: message, build: build, run: lines, sdk: sdk,
                appPort: port))
    }

    private func build(_ lines: String...) -> Diagnosis {
        .of(
            FailureContext(.buildError, of: space, errorMessage: "Job failed with exit code: 1", build: lines)
        )
    }

    private static let slow = "Launch timed out, workload was not healthy after 30 min"

    @Test(arguments: [
        "Error: connect ECONNREFUSED 127.0.0.1:7860", "Error: connect ECONNREFUSED 127.0.0.1:4317",
        "requests.exceptions.ConnectionError: HTTPConnectionPool(host='localhost', port=45671): Connection refused",
        "Error: connect ECONNREFUSED 34.1.2.3:5432", "WARNING: Redis at localhost:6379: Connection refused",
        "connect() failed (111: Connection refused) while connecting to upstream: http://127.0.0.1:8000/",
        "FileNotFoundError: [Errno 2] No such file or directory: '/proc/x'",
        "ConnectionRefusedError: [Errno 111]",
        "psycopg2.OperationalError: could not translate host name \"db.example.com\" to address: Name or service not known",
    ])
    func `a refused connection to an unknown port or remote host is not a missing local service`(
        _ line: String
    ) {
        #expect(run(line).cause == nil, "\(run(line))")
    }

    @Test func `a missing service of a compose file is named`() {
        let diagnosis = run(
            "sqlalchemy.exc.OperationalError: could not translate host name \"db\" to address: Name or service not known"
        )
        #expect(diagnosis.cause == .localService)
        #expect(diagnosis.hint.contains("the host db does not exist"))
        let redis = run(
            "redis.exceptions.ConnectionError: Error -2 connecting to cache:6379. Name or service not known.")
        #expect(redis.hint.contains("REDIS_URL=env:REDIS_URL"), "\(redis)")
    }

    @Test func `a wrong port takes precedence over a refused connection to an optional cache`() {
        let diagnosis = run(
            "Redis: Error 111 connecting to localhost:6379. Connection refused.",
            "INFO:     Uvicorn running on http://0.0.0.0:8000", message: Self.slow)
        #expect(diagnosis.cause == .port)
        #expect(
            run("Error 111 connecting to localhost:6379. Connection refused.", message: Self.slow).cause
                == .localService)
    }

    @Test func `a refused connection before an unrelated exception is not the cause`() {
        let diagnosis = run(
            "Redis: Error 111 connecting to localhost:6379. Connection refused.",
            "Traceback (most recent call last):",
            "  File \"/app/app.py\", line 3, in <module>", "ValueError: 3")
        #expect(diagnosis.cause == nil)
    }

    @Test(arguments: [
        ("type Row = list[int]", "invalid syntax", "3.12"),
        ("def first[T](xs: list[T]) -> T:", "expected '('", "3.12"),
        ("    print(f\"{row[\"name\"]}\")", "f-string: expecting '}'", "3.12"),
        ("except* ValueError:", "invalid syntax", "3.11"), ("match command:", "invalid syntax", "3.10"),
    ])
    func `syntax of a newer Python is reported with its version`(
        _ code: String, _ message: String, _ version: String
    ) {
        let docker = run("  File \"/app/app.py\", line 7", code, "       ^", "SyntaxError: \(message)")
        #expect(docker.cause == .syntax)
        #expect(docker.hint.contains("/app/app.py, line 7 is written for Python \(version)"), "\(docker)")
        let gradio = run(
            "  File \"/app/app.py\", line 7", code, "       ^", "SyntaxError: \(message)", sdk: "gradio")
        #expect(gradio.hint.contains("card = python_version: \(version)"))
    }

    @Test(arguments: [
        ("match = 1 2:", "invalid syntax", "is not valid Python"),
        ("match x", "expected ':'", "is not valid Python"),
        ("type = 3 = 4 x", "invalid syntax", "is not valid Python"),
        ("print(f\"{a\")", "f-string: expecting '}'", "is not valid Python"),
        ("<<<<<<< HEAD", "invalid syntax", "merge conflict markers"),
        ("print 'a'", "Missing parentheses in call to 'print'", "Python 2"),
        ("version https://git-lfs.github.com/spec/v1", "invalid syntax", "is a Git LFS pointer"),
    ])
    func `a line that is invalid in every Python is not blamed on the version`(
        _ code: String, _ message: String, _ expected: String
    ) {
        let diagnosis = run("  File \"/app/app.py\", line 7", code, "       ^", "SyntaxError: \(message)")
        #expect(diagnosis.cause == .syntax)
        #expect(diagnosis.hint.contains(expected), "\(diagnosis)")
    }

    @Test func `a SyntaxError in JavaScript or evaluated text is not attributed to a Python file`() {
        #expect(run("SyntaxError: Unexpected token '<'", "    at JSON.parse").cause == nil)
        #expect(
            run("  File \"<string>\", line 1", "    a b", "      ^", "SyntaxError: invalid syntax").cause
                == nil)
    }

    @Test func `the hint does not suggest to install a module that the build installed`() {
        let steps = ["--> FROM docker.io/library/python:3.12", "--> RUN pip install -r requirements.txt"]
        let installed = ["Successfully installed numpy-2.1.0 opencv-python-4.10.0.84 python_dotenv-1.0.1"]
        let error = "ModuleNotFoundError: No module named 'cv2'"
        let diagnosis = run(error, build: steps + installed)
        #expect(diagnosis.hint.contains("the build installed opencv-python-4.10.0.84"), "\(diagnosis)")
        #expect(!diagnosis.hint.contains("requirements.txt"))
        #expect(
            run("ModuleNotFoundError: No module named 'dotenv'", build: steps + installed).hint.contains(
                "python -m"))
        let stages = run(error, build: steps + installed + ["--> FROM docker.io/library/python:3.12-slim"])
        #expect(stages.hint.contains("the last stage"))
        #expect(
            run(error, build: steps + ["CACHED"]).hint.contains(
                "if it is there, pip installs for another Python"))
        #expect(
            run("ModuleNotFoundError: No module named 'flask'", build: steps + installed).hint.contains(
                "the line flask to requirements.txt"))
        #expect(
            run(error, build: ["--> FROM a", "--> COPY . ."]).hint.contains(
                "no step of the Dockerfile installs"))
    }

    @Test(arguments: [
        ("google.genai", "google-genai"), ("google.cloud.storage", "google-cloud-storage"), ("PIL", "pillow"),
        ("google.generativeai", "google-generativeai"), ("sklearn.svm", "scikit-learn"),
        ("IPython", "ipython"),
    ])
    func `the hint for a module names its package`(_ module: String, _ package: String) {
        let name = module == "sklearn.svm" ? "sklearn" : module
        #expect(
            run("ModuleNotFoundError: No module named '\(name)'").hint.contains(
                "the line \(package) to requirements.txt"))
    }

    @Test func `a module with the name of a folder in the traceback belongs to the app`() {
        let diagnosis = run(
            "Traceback (most recent call last):", "  File \"/app/mypkg/main.py\", line 3, in <module>",
            "ModuleNotFoundError: No module named 'mypkg'")
        #expect(diagnosis.hint.contains("a file of the app's own"))
        #expect(diagnosis.hint.contains("PYTHONPATH"))
    }

    @Test func `the hint for a server on loopback has address and port in its own syntax`() {
        let flask = run(
            " * Serving Flask app 'app'", " * Running on http://127.0.0.1:5000", message: Self.slow,
            port: 8080)
        #expect(flask.hint.contains("127.0.0.1:5000") && flask.hint.contains("port=8080"), "\(flask)")
        let vite = run(
            "  ➜  Local:   http://localhost:5173/", "  ➜  Network: use --host to expose", message: Self.slow)
        #expect(vite.hint.contains("vite --host 0.0.0.0 --port 7860"), "\(vite)")
        let django = run("Starting development server at http://127.0.0.1:8000/", message: Self.slow)
        #expect(django.hint.contains("manage.py runserver 0.0.0.0:7860"))
        #expect(run("Running on local URL:  http://127.0.0.1:7860", message: Self.slow).cause == .loopback)
    }

    @Test func `nginx's fatal error takes precedence over an unwritable log file`() {
        let diagnosis = run(
            "nginx: [emerg] mkdir() \"/var/lib/nginx/body\" failed (13: Permission denied)",
            "nginx: [alert] could not open error log file: open() \"/var/log/nginx/error.log\" failed (13: Permission denied)"
        )
        #expect(
            diagnosis.hint.contains("/var/lib/nginx/body")
                && diagnosis.hint.contains("client_body_temp_path"),
            "\(diagnosis)")
        #expect(
            run("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)").cause == .privilegedPort
        )
    }

    @Test func `a privileged port is recognised in the errors of Python and gunicorn`() {
        #expect(
            run(
                "    self.socket.bind(self.server_address)", "PermissionError: [Errno 13] Permission denied"
            ).cause == .privilegedPort)
        #expect(run("[2026-01-01] [1] [ERROR] Can't connect to ('0.0.0.0', 80)").cause == .privilegedPort)
        #expect(run("[2026-01-01] [1] [ERROR] Can't connect to ('0.0.0.0', 8000)").cause != .privilegedPort)
        #expect(
            run("PermissionError: [Errno 13] Permission denied: '/app/cache'").cause == .permission)
    }

    @Test func `a binary that needs a newer glibc is recognised`() {
        let diagnosis = run(
            "node: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by node)")
        #expect(diagnosis.cause == .sharedLibrary && "\(diagnosis)".contains("GLIBC_2.38"), "\(diagnosis)")
    }

    @Test func `the hint suggests the node image before Debian's package`() throws {
        let hint = build("--> RUN npm ci", "/bin/sh: 1: npm: not found").hint
        let (node, debian) = (
            try #require(hint.firstRange(of: "FROM node:")), try #require(hint.firstRange(of: "apt-get"))
        )
        #expect(node.lowerBound < debian.lowerBound)
        #expect(run("/bin/sh: 1: node: not found", sdk: "gradio").hint.contains("nodejs npm to packages.txt"))
        let start = run(
            message: "Exit code: 128. Reason: failed to create containerd task: OCI runtime create failed: "
                + "exec: \"node\": executable file not found in $PATH: unknown")
        #expect(start.hint.contains("node:22"))
    }

    @Test func `outdated apt lists are a user error, an unreachable server is a platform error`() {
        let outdated = build(
            "Failed to fetch http://deb.debian.org/a.deb  404  Not Found",
            "E: Unable to fetch some archives, maybe run apt-get update")
        #expect(outdated.cause == .aptPackage)
        let unreachable = build(
            "Could not connect to deb.debian.org:80",
            "E: Unable to fetch some archives, maybe run apt-get update")
        #expect(unreachable.isPlatformError)
        #expect(build("E: Unable to fetch some archives, maybe run apt-get update").cause == nil)
    }

    @Test func `the hint for a name of a variable and a secret removes one of them`() {
        let diagnosis = Diagnosis.of(
            FailureContext(.configError, of: space, errorMessage: "Collision on variables and secrets names"))
        #expect(diagnosis.cause == .configuration)
        #expect(diagnosis.hint.contains("spacesync variables unset me/app NAME"))
    }
}
