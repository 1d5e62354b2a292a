import TextTools

/// What ended a deploy early, as its user is told: what happened, why in the remote's own words, what to do.
package struct DeployError: Error, Hashable, Sendable {
    package var kind: Kind
    /// What happened, naming the Space, host, path or key. One sentence.
    package var message: String
    /// Details, and the remote's own words, a line each.
    package var details: [String]
    /// What a check found, where the details tell of that.
    package var findings: [Finding]
    /// The last lines of the log that tells about it. They were told as they came, too.
    package var log: [String]
    /// What to do.
    package var hint: String?
    /// Something the story goes on from, told apart from all else.
    package var cause: Cause?

    package enum Cause: Hashable, Sendable {
        /// The Hub knows no such Space, or the token may not see it.
        case spaceMissing
        /// A folder is no Git repository, nor is any above it.
        case noRepository
        /// Something newer deploys instead: no failure (`DeployResult.Outcome.superseded`).
        case superseded
        /// A link to storage is over; another may be asked for.
        case linkExpired
        /// It failed, and what was there before was put back.
        case rolledBack
        /// The commit is on the Space; what became of its build is not known (`DeployResult.Outcome.pushed`).
        case unobserved
        /// It is left to a later run, for this reason; nothing is wrong.
        case deferred(String)
    }

    package init(
        _ kind: Kind, _ message: String, details: [String] = [], findings: [Finding] = [], log: [String] = [],
        hint: String? = nil, cause: Cause? = nil
    ) {
        // Here for all: a message may quote a URL that a user typed, or the words of a server.
        (self.kind, self.message, self.log) = (kind, message.redactingURLs, log)
        self.details = details.map(\.redactingURLs)
        (self.findings, self.hint, self.cause) = (findings, hint?.redactingUsers, cause)
    }

    /// Whose fault, or what sort: the raw value is the exit code of the contract.
    package enum Kind: Int, Hashable, Sendable, CaseIterable {
        /// A fault of ours.
        case internalError = 1
        case usage = 2
        case settings = 3
        /// The source cannot be read.
        case source = 4
        /// No token, wrong token, no right, plan or payment, a certificate that nobody trusts.
        case permissionDenied = 5
        /// The Hub refused, or surely would.
        case refused = 6
        /// The build or the app failed.
        case failed = 7
        case timedOut = 8
        /// A guard of ours refused.
        case blocked = 9
        /// Network, rate limit, platform fault, another run holds the lock.
        case tryLater = 75
        case interrupted = 130

        package var exitCode: Int { rawValue }
    }
}

extension DeployError {
    /// The failure as it may be shown: a token that somebody typed where a name belongs is not repeated.
    package var redacted: DeployError {
        var failure = self
        failure.message = message.redacted
        failure.details = details.map(\.redacted)
        failure.log = log.map(\.redacted)
        failure.hint = hint?.redacted
        return failure
    }
}
