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
