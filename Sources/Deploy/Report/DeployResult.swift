import DeploySettings
import SpacesModel
import TextTools

/// The result of the deploy of one target, reported as its last event.
package struct DeployResult: Hashable, Sendable {
    package var space: SpaceID
    /// Set by `make`, from what the run returned or threw.
    package private(set) var outcome: Outcome
    /// The Space's commit: the pushed commit, or the head that already has this tree.
    package var commit: ObjectID?
    package var sourceCommit: ObjectID?
    /// The commit time of the source commit in seconds since 1970.
    package var sourceTime: Int64?
    package var appURL: String?
    /// Whether the Space is private; `nil` if it is not known.
    package var isPrivate: Bool?
    package var stage: Stage?
    /// The plan; `nil` if none was made.
    package var plan: Plan?
    /// The plan with the state that it is based on, to be saved for a later push (`plan --out`).
    package var savedPlan: SavedPlan?
    package var failure: DeployError?
    /// The violated guards, in the order of the contract; empty if there are none.
    package var guards: [Guard] = []
    /// Whether the Space has the commit of this run, so that a later error cannot mean that it was
    /// refused.
    var isOnSpace = false
    /// Whether another user or another run deployed the reported commit.
    package var isObservation = false
    /// Whether the source commit was rolled back and is held back until the source has a newer commit.
    package var isHeldBack = false
    /// The reason why nothing was deployed although nothing failed.
    package var reason: String?
    /// The next command to run if nothing failed (`spacesync watch owner/name`).
    package var hint: String?

    package init(_ space: SpaceID, _ outcome: Outcome) { (self.space, self.outcome) = (space, outcome) }

    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case planned, deployed, pushed, unchanged, refused, failed, interrupted, superseded
        case timedOut = "timed_out"
        case rolledBack = "rolled_back"
        /// Nothing was pushed: the source commit was rolled back.
        case heldBack = "held_back"
    }

    /// The exit code of the contract (design 6).
    package var exitCode: Int { failure?.kind.exitCode ?? 0 }
}

extension DeployResult {
    /// Runs `body` and returns its result: the only place that decides an outcome. Never throws.
    static func make(
        for space: SpaceID, _ emit: EventHandler,
        _ body: (inout DeployResult) async throws(DeployError) -> Outcome
    ) async -> DeployResult {
        var result = DeployResult(space, .failed)
        do {
            result.outcome = try await body(&result)
        } catch  where error.cause == .superseded {
            (result.outcome, result.reason, result.hint) = (.superseded, error.message, error.hint)
            emit(.detail(error.message))
            error.details.forEach { emit(.detail($0)) }
        } catch {
            result.outcome = result.outcome(of: error)
            result.failure = error
        }
        return result
    }

    /// Returns the outcome for an error. A run that pushed its commit is never reported as refused,
    /// whatever the Hub responds afterwards.
    private func outcome(of failure: DeployError) -> Outcome {
        switch failure.cause {
        case .rolledBack: return .rolledBack
        case .unobserved: return .pushed
        default:
            let outcome = Outcome(of: failure.kind)
            return isOnSpace && outcome == .refused ? .pushed : outcome
        }
    }

    /// Records what a watch observed.
    mutating func record(_ watched: WatchOutcome) {
        stage = watched.stage ?? stage
        appURL = watched.appURL ?? appURL
        isPrivate = watched.isPrivate ?? isPrivate
        hint = watched.hint
    }

    /// Returns the result of a run that a signal or another target's failure interrupted.
    package func interrupted(hint: String?) -> DeployResult {
        var result = self
        result.outcome = .interrupted
        result.failure = DeployError(.interrupted, "\(space): interrupted", hint: hint)
        return result
    }

    /// Creates the result of a deploy that an error ended.
    package init(_ space: SpaceID, failure: DeployError) {
        self.init(space, Outcome(of: failure.kind))
        self.failure = failure
    }

    /// Returns the exit code of several targets: that of the most severe failure.
    package static func exitCode(of reports: [DeployResult]) -> Int {
        let kinds = Set(reports.compactMap(\.failure?.kind))
        return DeployError.Kind.bySeverity.first(where: kinds.contains)?.exitCode ?? 0
    }

    package init(_ refused: RejectedTarget) { self.init(refused.space, failure: refused.failure) }

    /// Whether the deploy was deferred to a later pass.
    package var isDeferred: Bool { deferral != nil }
    /// The reason of a deferral; `nil` if the deploy was not deferred.
    package var deferral: String? {
        if case .deferred(let why) = failure?.cause { why } else { nil }
    }

    package var redacted: DeployResult {
        var result = self
        result.failure = failure?.redacted
        result.hint = hint?.redacted
        return result
    }
}

extension DeployResult.Outcome {
    package init(of kind: DeployError.Kind) {
        switch kind {
        case .usage, .settings, .permissionDenied, .refused, .blocked: self = .refused
        case .internalError, .source, .failed, .tryLater: self = .failed
        case .timedOut: self = .timedOut
        case .interrupted: self = .interrupted
        }
    }
}

extension Event {
    /// The event with its free text redacted. Paths, logs of the app and diffs stay as they are.
    package var redacted: Event {
        switch self {
        case .step(let text): .step(text.redacted)
        case .detail(let text): .detail(text.redacted)
        case .token(let origin): .token(origin.redacted)
        case .source(let source): .source(source.redacted)
        case .warning(let text, let finding): .warning(text.redacted, finding)
        case .remote(let line): .remote(line.redacted)
        case .retry(let what, let attempt, let wait, let why):
            .retry(what: what.redacted, attempt: attempt, wait: wait, why: why.redacted)
        default: self
        }
    }

    init(_ transfer: TransferEvent) {
        self =
            switch transfer {
            case .detail(let text): .detail(text)
            case .uploading(let progress): .uploading(progress)
            case .uploaded(let path, let size, let sha256): .uploaded(path: path, size: size, sha256: sha256)
            }
    }
}

/// An event of a deploy in progress, printed as text or as the JSON of the contract (design 5).
package enum Event: Sendable {
    /// A step of the deploy begins (`-----> Reading source`); its details follow.
    case step(String)
    case detail(String)
    /// A warning, with the finding of a preflight check if it comes from one.
    case warning(String, Finding? = nil)
    /// Where the Hub token comes from; never the token.
    case token(String)
    /// The source was read.
    case source(SourceSummary)
    /// The Space's record, before the deploy.
    case target(SpaceInfo)
    case read(source: ObjectID, spaceHead: ObjectID?)
    case planned(Plan)
    /// A finding of a preflight check, the result of `check`.
    case finding(Finding)
    /// A file that was changed on the Space, the result of `drift`.
    case drifted(DriftedFile)
    /// A part of the Space's configuration was set or removed.
    case configured(ConfigurationChange)
    case uploaded(path: Path, size: Int, sha256: String)
    /// The progress of all uploads together.
    case uploading(TransferProgress)
    case pushed(ObjectID)
    /// A composed tree was written to a local directory.
    case exported(to: String, files: Int, size: Int)
    /// A line of output of the Hub's Git server.
    case remote(String)
    case stage(Stage)
    case log(LogKind, LogLine)
    /// The result of a probe changed. The status is `nil` if the app did not respond.
    case probed(Probe, url: String, status: Int?, ok: Bool)
    case retry(what: String, attempt: Int, wait: Duration, why: String)
}

/// The commit that is deployed, for output.
package struct SourceSummary: Hashable, Sendable {
    package var repository: String
    package var branch: String?
    package var commit: ObjectID
    package var subject: String

    package init(repository: String, branch: String?, commit: ObjectID, subject: String) {
        (self.repository, self.branch) = (repository, branch)
        (self.commit, self.subject) = (commit, subject)
    }

    /// The summary in one line.
    package var text: String {
        "\(repository): \(branch.map { "\($0) at " } ?? "")\(commit.short) \(subject)"
    }

    var redacted: SourceSummary {
        var summary = self
        (summary.repository, summary.branch) = (repository.redacted, branch?.redacted)
        summary.subject = subject.redacted
        return summary
    }
}

/// A handler of events. Called from any task, in order within one target.
package typealias EventHandler = @Sendable (Event) -> Void
