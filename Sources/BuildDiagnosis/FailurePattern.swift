import SpacesModel

/// A pattern of log lines in failing builds and apps, and the cause that it indicates.
struct FailurePattern: Sendable {
    /// Lower-case substrings; a line that contains one of them is passed to `find`.
    let markers: [String]
    /// Returns the cause; `nil` if the line does not match after all.
    let find: @Sendable (LogMatch) -> CauseCandidate?

    init(_ markers: String..., find: @escaping @Sendable (LogMatch) -> CauseCandidate?) {
        (self.markers, self.find) = (markers, find)
    }

    /// If several patterns match one line, the first counts.
    static let all: [FailurePattern] =
        hub + images + build + hashes + modules + syntax + python + node + services + nginx + access + system
        + browsers + models
}

/// A log line that contains a marker of a pattern, with the lines around it.
struct LogMatch: Sendable {
    let symptoms: FailureContext
    private let lines: [NormalizedLine]
    private let index: Int
    /// Whether the line is at or after the app's last exception; always true in a build and without
    /// a traceback.
    let isAtFailure: Bool
    /// Whether the app does not respond although it logged its listen address.
    let isListening: Bool

    init(
        _ symptoms: FailureContext, _ lines: [NormalizedLine], _ index: Int, failureStart: Int,
        isListening: Bool
    ) {
        (self.symptoms, self.lines, self.index, self.isListening) = (symptoms, lines, index, isListening)
        isAtFailure = index >= failureStart
    }

    var line: NormalizedLine { lines[index] }
    var text: String { line.text }
    var space: SpaceID { symptoms.space }
    var isDocker: Bool { symptoms.sdk.map { $0 == "docker" } ?? true }

    /// Returns `count` lines beginning with this one.
    func following(_ count: Int) -> ArraySlice<NormalizedLine> {
        lines[index..<min(lines.count, index + count)]
    }
    /// Returns up to `count` lines before this one, the nearest last.
    func preceding(_ count: Int) -> ArraySlice<NormalizedLine> { lines[max(0, index - count)..<index] }
    func occursNearby(_ markers: String..., within count: Int = 8) -> Bool {
        preceding(count).contains { $0.has(anyOf: markers) }
            || following(count).contains { $0.has(anyOf: markers) }
    }
    func occursAnywhere(_ markers: String...) -> Bool { lines.contains { $0.has(anyOf: markers) } }

    /// Returns how to install a Debian package in the image.
    func installHint(debian packages: String) -> String {
        isDocker
            ? "RUN apt-get update && apt-get install -y \(packages) in the Dockerfile"
            : "a line \(packages) in packages.txt"
    }

    /// Returns how to set an environment variable. A name that is not known to be harmless is
    /// treated as a secret, because variables are public.
    func assignmentHint(_ name: String) -> String {
        guard Self.isHarmless(name) else {
            let variableHint =
                SecretName.matches(name.utf8) ? "" : " (variable = \(name)=value if everybody may read it)"
            return
                "spacesync secrets set \(space) \(name)=env:\(name), or secret = \(name) of the target\(variableHint)"
        }
        return "spacesync variables set \(space) \(name)=value, or variable = \(name)=value of the target"
    }

    private static func isHarmless(_ name: String) -> Bool {
        let last = name.split(separator: "_").last.map(String.init) ?? name
        return [
            "PORT", "HOST", "MODE", "DEBUG", "ENV", "ENVIRONMENT", "LEVEL", "LANG", "LANGUAGE", "LOCALE",
            "REGION",
            "MODEL", "NAME", "TIMEOUT", "WORKERS", "THREADS", "SIZE", "LIMIT", "DIR", "PATH", "TZ", "THEME",
            "VERSION",
        ].contains(last)
    }
}

extension FailurePattern {
    /// pip's hash-checking mode: https://pip.pypa.io/en/stable/topics/secure-installs/.
    static let hashes: [FailurePattern] = [
        FailurePattern("do not match the hashes") { at in
            let name = package(at).map { " of \($0)" } ?? ""
            return CauseCandidate(
                cause: .hashes, why: "the file\(name) that pip fetched is not the one that its hash names",
                fix:
                    "once more (a download that was cut looks the same): spacesync push \(at.space) --rebuild; "
                    + "if it comes again, write the hashes anew for linux/amd64: pip-compile --generate-hashes, "
                    + "or uv pip compile --generate-hashes")
        },
        FailurePattern("in --require-hashes mode", "hashes are required in") { at in
            let name = package(at).map { " (\($0))" } ?? ""
            return CauseCandidate(
                cause: .hashes,
                why: "one line of requirements.txt has a hash, so pip wants == and a hash for each, "
                    + "dependencies too, and does not find them\(name)",
                fix: "write them all: pip-compile --generate-hashes, or uv pip compile --generate-hashes; "
                    + "or leave out every --hash and --require-hashes")
        },
    ]

    /// Returns the requirement that pip reports in the next lines: `    six>=1.4.0 from https://…`,
    /// `    flask==3.0 --hash=…`.
    private static func package(_ at: LogMatch) -> String? {
        at.following(4).dropFirst().lazy
            .compactMap { ($0.text.before(" from http") ?? $0.text.before(" --hash="))?.lastWord }
            .first { $0.isPlainWord && !$0.contains("://") }
    }
}

extension FailurePattern {
    /// Models and data sets on the Hub that the app downloads.
    static let models: [FailurePattern] = [
        FailurePattern(
            "cannot access gated repo", "gatedrepoerror", "access to model ", "access to dataset ",
            "trying to access a gated repo"
        ) { at in
            let nearbyLines = Array(at.preceding(4)) + Array(at.following(6))
            let name = nearbyLines.lazy.compactMap {
                $0.text.after("access to model ")?.firstWord ?? repository(in: $0.text)
            }.first
            let url = name.map { "https://huggingface.co/\($0)" } ?? "its page"
            return CauseCandidate(
                cause: .gatedModel,
                why: "\(name ?? "a model that the app fetches") is gated, and the Space's token opens it not",
                fix:
                    "accept its terms at \(url), then spacesync secrets set \(at.space) HF_TOKEN=env:HF_TOKEN"
            )
        },
        FailurePattern(
            "is not a local folder and is not a valid model identifier", "repository not found for url",
            "repositorynotfounderror", "404 client error", "401 client error"
        ) { at in
            let name = repository(in: at.text) ?? at.text.before(" is not a local folder")?.lastWord
            let nearbyName = at.following(5).lazy.compactMap { repository(in: $0.text) }.first
            guard
                at.line.has(anyOf: [
                    "huggingface.co", "local folder", "repositorynotfound", "repository not found",
                ]),
                let model = name ?? nearbyName, model.isPlainWord
            else { return nil }
            // The lines after a gated model's 401 name the cause themselves.
            guard !at.occursNearby("gated", "is restricted") else { return nil }
            return CauseCandidate(
                cause: .missingModel,
                why:
                    "the Hub has no \(model) for this app: the name is wrong, a file is not there, or it is private",
                fix:
                    "look at https://huggingface.co/\(model); a private one needs spacesync secrets set \(at.space) HF_TOKEN=env:HF_TOKEN"
            )
        },
    ]

    /// Returns `owner/name` of `https://huggingface.co/owner/name/resolve/…`.
    private static func repository(in text: String) -> String? {
        guard let path = text.after("huggingface.co/")?.firstWord else { return nil }
        var parts = path.split(separator: "/").map(String.init)
        if parts.first == "api" { parts.removeFirst() }
        if let first = parts.first, ["models", "datasets", "spaces"].contains(first), parts.count > 2 {
            parts.removeFirst()
        }
        guard parts.count >= 3 || text.after("for url") != nil, parts.count >= 2 else { return nil }
        let name = parts.prefix(2).joined(separator: "/")
        return name.isPlainWord ? name : nil
    }
}

extension FailurePattern {
    /// nginx as uid 1000: `nginx: [emerg] open() "/run/nginx.pid" failed (13: Permission denied)`.
    static let nginx: [FailurePattern] = [
        FailurePattern("failed (13: permission denied)") { at in
            guard !at.line.has(anyOf: ["bind()", "unlink()", "[warn]"]),
                let path = at.text.after("() \"")?.before("\""), path.isPlainWord
            else { return nil }
            // nginx continues without its compiled-in log file, and after an error of a single
            // request.
            let isFatal = at.line.has("[emerg]")
            return CauseCandidate(
                cause: .permission, why: "nginx may not use \(path): the Hub runs it as uid 1000",
                fix: suggestedFix(path), confidence: isFatal ? .certain : .likely)
        }
    ]

    private static func suggestedFix(_ path: String) -> String {
        let ownershipFix = "RUN mkdir -p \(path.folder) && chown -R 1000 \(path.folder) in the Dockerfile"
        if path.hasSuffix(".pid") { return "pid /tmp/nginx.pid; in nginx.conf, in place of its own pid line" }
        if path.hasSuffix(".log") {
            return "error_log /dev/stderr; and access_log /dev/stdout; in nginx.conf, or \(ownershipFix)"
        }
        let isTemporary = ["body", "_temp", "/proxy", "/fastcgi", "/uwsgi", "/scgi", "/cache"].contains {
            path.contains($0)
        }
        guard isTemporary else { return ownershipFix }
        return
            "\(ownershipFix), or in the http { } of nginx.conf client_body_temp_path /tmp/body; and the same for proxy_, fastcgi_, "
            + "uwsgi_ and scgi_temp_path"
    }
}

extension FailurePattern {
    /// Files that Python cannot parse.
    static let syntax: [FailurePattern] = [
        FailurePattern("syntaxerror: ", "indentationerror: ", "taberror: ") { at in
            guard at.isAtFailure, let error = PythonSyntaxError(at) else { return nil }
            return error.isInPackage ? error.packageExplanation(at) : error.appExplanation(at)
        }
    ]
}
