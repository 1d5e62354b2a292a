import TextTools

/// An error of a deploy: what happened, details including the remote's messages, and a hint.
package struct DeployError: Error, Hashable, Sendable {
    package var kind: Kind
    /// The message, which names the Space, host, path or key. One sentence.
    package var message: String
    /// Details and the remote's messages, one per line.
    package var details: [String]
    /// The findings of a check, if the details describe them.
    package var findings: [Finding]
    /// The last relevant log lines. They were also printed as they arrived.
    package var log: [String]
    /// A suggested fix.
    package var hint: String?
    /// A cause that callers handle in a special way.
    package var cause: Cause?
    /// The parts of a failed build or start, which the message, details and hint describe.
    package var report: FailureReport?

    package enum Cause: Hashable, Sendable {
        /// The Space does not exist, or the token may not access it.
        case spaceMissing
        /// Neither the directory nor any of its parents is a Git repository.
        case noRepository
        /// A newer run deploys instead; not a failure (`DeployResult.Outcome.superseded`).
        case superseded
        /// A pre-signed storage URL has expired; a new one can be requested.
        case linkExpired
        /// The deploy failed, and the previous commit was restored.
        case rolledBack
        /// The commit was pushed, but the result of its build is unknown (`DeployResult.Outcome.pushed`).
        case unobserved
        /// The user answered a prompt with no.
        case declined
        /// The deploy is deferred to a later run, for the given reason; not a failure.
        case deferred(String)
    }

    package init(
        _ kind: Kind, _ message: String, details: [String] = [], findings: [Finding] = [], log: [String] = [],
        hint: String? = nil, cause: Cause? = nil
    ) {
        // Redacted here for all callers: messages may quote a URL typed by a user, or a server's message.
        (self.kind, self.message, self.log) = (kind, message.redactingURLs, log)
        self.details = details.map(\.redactingURLs)
        (self.findings, self.hint, self.cause) = (findings, hint?.redactingUsers, cause)
    }

    /// The kind of an error. The raw value is the exit code of the contract.
    package enum Kind: Int, Hashable, Sendable, CaseIterable {
        /// A bug in spacesync.
        case internalError = 1
        case usage = 2
        case settings = 3
        /// The source cannot be read.
        case source = 4
        /// Missing or invalid token, missing right, plan or payment, or an untrusted certificate.
        case permissionDenied = 5
        /// The Hub refused the request, or would certainly refuse it.
        case refused = 6
        /// The build or the app failed.
        case failed = 7
        case timedOut = 8
        /// A guard of spacesync refused.
        case blocked = 9
        /// Network error, rate limit, platform error, or another run holds the lock.
        case tryLater = 75
        case interrupted = 130

        package var exitCode: Int { rawValue }

        /// All kinds, the most severe first (design 6): the order in which one exit code stands for
        /// several targets, findings or checks.
        package static let bySeverity: [Kind] = [
            .interrupted, .internalError, .usage, .settings, .permissionDenied, .source, .refused, .failed,
            .blocked, .timedOut, .tryLater,
        ]

        /// Returns the most severe of several kinds; `nil` if there are none.
        package static func mostSevere(of kinds: some Sequence<Kind>) -> Kind? {
            let kinds = Set(kinds)
            return bySeverity.first(where: kinds.contains)
        }

        /// Returns the exit code of the most severe kind among several exit codes; 0 if all are 0.
        package static func mostSevere(of codes: [Int]) -> Int {
            mostSevere(of: codes.compactMap { Kind(rawValue: $0) })?.exitCode ?? 0
        }
    }
}

/// The parts of a failed build or start, for output that shows each of them once.
package struct FailureReport: Hashable, Sendable {
    /// The log of what failed; `nil` if none is relevant.
    package var log: LogKind?
    /// The build step that failed.
    package var step: String?
    /// The first line that reports an error.
    package var firstError: String?
    /// The cause, with which the hint begins; `nil` if it is unknown.
    package var why: String?

    package init(log: LogKind?, step: String?, firstError: String?, why: String?) {
        (self.log, self.step, self.firstError, self.why) = (log, step, firstError, why)
    }

    /// The line of the error's details that names the step.
    package var stepDetail: String? { step.map { "failed step: \($0)" } }
}

extension DeployError {
    /// The error for display, without tokens that a user typed in place of a name.
    package var redacted: DeployError {
        var error = self
        error.message = message.redacted
        error.details = details.map(\.redacted)
        error.log = log.map(\.redacted)
        error.hint = hint?.redacted
        error.report?.why = report?.why?.redacted
        return error
    }

    /// - Parameters:
    ///   - action: The attempted operation: `reading the state of me/app`.
    ///   - why: The cause in one clause, without the host.
    package init(_ error: NetworkError, at host: String, while action: String, why: String) {
        let (kind, hint) = Self.kindAndHint(of: error, at: host)
        let message =
            error == .cancelled ? "interrupted while \(action)" : "\(host): error while \(action): \(why)"
        self.init(kind, message, hint: hint)
    }

    /// Returns the error for a 404 with an HTML page that does not come from the Hub but from
    /// another server.
    package static func notAHub(at host: String) -> DeployError {
        DeployError(
            .refused, "\(host) is not a Hugging Face Hub: it returned a web page",
            hint: "set HF_ENDPOINT to https://huggingface.co, or to the URL that spacesync hub printed")
    }

    private static func kindAndHint(of error: NetworkError, at host: String) -> (Kind, String) {
        switch error {
        case .unreachable: (.tryLater, "check the name, the network and https_proxy, then try again")
        case .timedOut:
            (.tryLater, "try again, or allow more time with --timeout or the limits in [spacesync]")
        case .broken: (.tryLater, "try again; accepted data is not sent again")
        case .untrusted:
            (
                .permissionDenied,
                "add the authority of \(host) to the system's certificates (update-ca-certificates), if you trust it"
            )
        case .insecure: (.permissionDenied, "use the https address of \(host)")
        case .tooLong: (.refused, "check the address: this is not the response of a Hub or Git server")
        case .redirected: (.refused, "use the address of the redirect if it is correct")
        case .notSent: (.refused, "check the address \(host) and the settings that contain it")
        case .cancelled: (.interrupted, "accepted data is kept; the next run continues from there")
        }
    }
}

/// The cause of a failed network request. Adapters translate their client's errors into this type,
/// so that each cause has the same message and exit code everywhere.
package enum NetworkError: Hashable, Sendable {
    case unreachable, timedOut, untrusted, insecure, broken, tooLong, redirected, notSent, cancelled
}
