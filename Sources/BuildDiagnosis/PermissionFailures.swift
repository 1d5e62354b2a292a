import TextTools

/// Permission errors: the Hub runs containers as user 1000, and a `USER` of the Dockerfile applies to the build.
enum PermissionFailures {
    static let patterns: [FailurePattern] = nginx + ports + [database, apt] + files

    private static let ports: [FailurePattern] = [
        privilegedPort(
            "bind() to |attempting to bind on|listen eacces|bind: permission denied",
            when: [.line("permission denied|eacces"), .optional(.computed(lowPort))]),
        // Python's message has no port, and gunicorn's has no reason.
        privilegedPort(
            "permissionerror", when: [.lines(-3..<0, ".bind("), .optional(.computed(lowPort))]),
        privilegedPort("can't connect to ('{host*}', {port})", when: [.computed(lowPort)]),
    ]

    private static func privilegedPort(_ line: LinePattern, when conditions: [Condition]) -> FailurePattern {
        FailurePattern(
            .privilegedPort, line, when: conditions,
            why: "the app cannot listen on {low?port %|a port below 1024}: the Hub runs it as uid 1000",
            fix: "listen on 7860 (nginx: listen 7860;), or on any port above 1023, and set card = app_port: …"
        )
    }

    /// Returns the captured port, or else the last number of the line that can be one, if it is below 1024.
    /// 13 is the error number of a denied permission.
    private static func lowPort(_ match: LogMatch) -> [String: String]? {
        let isLow = { (number: String) in Int(number).map { $0 > 0 && $0 < 1024 } ?? false }
        if let port = match["port"] { return isLow(port) ? ["low": port] : nil }
        let numbers = match.line.bytes.split { !$0.isDigit }.map(\.text)
        return numbers.last { isLow($0) && $0 != "13" }.map { ["low": $0] }
    }

    private static let database = FailurePattern(
        .permission, "unable to open database file|attempt to write a readonly database", when: [.error],
        why: "sqlite cannot write to the directory of its database: the Hub runs containers as uid 1000",
        fix: "use COPY --chown=user, or RUN chown -R 1000 on its directory; data that must survive a restart "
            + "needs a volume: spacesync volumes set {space} …")

    private static let apt = FailurePattern(
        .permission, "could not open lock file|are you root?", when: [.build],
        why: "apt runs as a user without permission to install",
        fix: "put the apt-get before USER in the Dockerfile, or USER root before it and USER user after "
            + "it")

    private static let files: [FailurePattern] = [
        denied(
            [
                .line("sh: |exec /|exec ./"),
                .not(
                    .line("cannot create|can't create|cannot open|can't open|cannot touch")),
                .line("{program}: permission denied"), .value("program", "/|.sh$"),
            ],
            why: "{program} is not executable", fix: SystemFailures.makeExecutable),
        denied(
            [deniedPath, .value("path", "^/data")], .likely,
            fix: "/data exists only with a volume: spacesync volumes set {space} "
                + "hf://buckets/OWNER/NAME:/data; otherwise RUN mkdir -p /data && chown 1000 /data"),
        denied(
            otherPath + [.value("path", "^/root|^/.")],
            fix:
                "create a home directory: RUN useradd -m -u 1000 user, USER user, ENV HOME=/home/user in the "
                + "Dockerfile"),
        denied(
            otherPath + [.not(.value("path", "^/"))],
            why: "the Hub runs containers as uid 1000, which cannot write {path} in the working directory",
            fix: "use WORKDIR /home/user/app and COPY --chown=user . . in the Dockerfile, or RUN chown 1000 "
                + "on that directory"),
        denied(
            otherPath + [.value("path", "{cache*}/hub/models--|{cache*}/hub/datasets--")],
            fix: "RUN mkdir -p {cache} && chown -R 1000 {cache} in the Dockerfile, or ENV "
                + "HF_HOME=/tmp/huggingface"),
        denied(
            otherPath,
            fix: "RUN mkdir -p {folder} && chown -R 1000 {folder} in the Dockerfile (COPY --chown=user "
                + "for what is copied there)"),
        denied(
            [], .likely, why: "the Hub runs containers as uid 1000, which is not allowed to do this",
            fix:
                "use COPY --chown=user . . and RUN chown -R 1000 on the files that the app writes, in the Dockerfile"
        ),
    ]

    private static func denied(
        _ conditions: [Condition], _ confidence: FailurePattern.Confidence = .certain,
        why: String = "the Hub runs containers as uid 1000, which has no access to {path}", fix: String
    ) -> FailurePattern {
        FailurePattern(
            .permission,
            [
                "permission denied|permissionerror|permissiondenied|eacces|read-only file system",
                "operation not permitted",
            ],
            confidence,
            when: [
                .not(
                    .line([
                        "bind(|attempting to bind|listen eacces|publickey|mkdir -p failed|matplotlib|lock file",
                        "postgres|[eacces] warning|failed (13:",
                    ]))
            ] + conditions,
            why: why, fix: fix)
    }

    private static let otherPath: [Condition] = [deniedPath, .not(.value("path", "^/data"))]

    /// Adds the path that this line or the next one names, and its folder.
    private static let deniedPath = Condition.computed { match in
        let quoted: LinePattern = "denied…'{path*}'|system: …'{path*}'|cannot …'{path*}'|mkdir …'{path*}'"
        let bare: LinePattern = "{path}: permission denied|'{path*}'"
        for line in match.lines(0..<2) {
            let path =
                quoted.captures(in: line)?["path"]
                ?? bare.captures(in: line)?["path"].flatMap { $0.contains("/") ? $0 : nil }
            if let path, path.utf8.count <= 200, !path.contains(" ") {
                return ["path": path, "folder": path.folder]
            }
        }
        return nil
    }

    /// nginx as uid 1000: `nginx: [emerg] open() "/run/nginx.pid" failed (13: Permission denied)`.
    private static let nginx: [FailurePattern] =
        nginxDenied(
            [.value("path", ".pid$")],
            fix: "set pid /tmp/nginx.pid; in nginx.conf instead of the existing pid line")
        + nginxDenied(
            [.value("path", ".log$")],
            fix: "set error_log /dev/stderr; and access_log /dev/stdout; in nginx.conf, or \(ownFolder)")
        + nginxDenied(
            [.value("path", "body|_temp|/proxy|/fastcgi|/uwsgi|/scgi|/cache")],
            fix:
                "\(ownFolder), or set client_body_temp_path /tmp/body; in the http { } of nginx.conf, and the "
                + "same for proxy_, fastcgi_, uwsgi_ and scgi_temp_path") + nginxDenied([], fix: ownFolder)

    private static let ownFolder = "RUN mkdir -p {folder} && chown -R 1000 {folder} in the Dockerfile"

    /// Returns rows for a fatal error and for another one: nginx continues without its compiled-in log file,
    /// and after an error of a single request.
    private static func nginxDenied(_ conditions: [Condition], fix: String) -> [FailurePattern] {
        let conditions: [Condition] =
            [
                .not(.line("bind()|unlink()|[warn]")),
                .computed { match in match["path"].map { ["folder": $0.folder] } },
            ] + conditions
        let why = "nginx has no access to {path}: the Hub runs it as uid 1000"
        let line: LinePattern = "() '{path}' failed (13: permission denied)"
        return [
            FailurePattern(.permission, line, when: [.line("[emerg]")] + conditions, why: why, fix: fix),
            FailurePattern(.permission, line, .likely, when: conditions, why: why, fix: fix),
        ]
    }
}
