import Deploy
import Essentials
import SpacesModel
import Synchronization

/// What the process of a pass reports to the process that started it: one JSON object a line.
struct PassMessage: Codable, Sendable {
    /// The time limit of the pass in seconds.
    var limit: Double?
    /// A target that is deployed from now on.
    var began: String?
    /// A target that is done.
    var ended: String?
    /// The metrics of the pass, which is complete.
    var metrics: String?
    /// What ended the pass before it reached its targets.
    var failure: FailureValue?
    /// The result of a target that ran in a process of its own.
    var report: ReportValue?

    /// A `DeployError` without what only text output needs.
    struct FailureValue: Codable, Sendable {
        var kind: Int
        var message: String
        var details: [String]
        var log: [String]
        var hint: String?

        init(_ failure: DeployError) {
            (kind, message, hint) = (failure.kind.rawValue, failure.message, failure.hint)
            (details, log) = (failure.details, failure.log)
        }

        var failure: DeployError {
            DeployError(
                DeployError.Kind(rawValue: kind) ?? .internalError, message, details: details, log: log,
                hint: hint)
        }
    }

    /// A `DeployResult` as far as a pass needs it.
    struct ReportValue: Codable, Sendable {
        var outcome: String
        var commit: String?
        var sourceCommit: String?
        var sourceTime: Int64?
        var appURL: String?
        var stage: String?
        var hint: String?
        var isHeldBack: Bool
        var reason: String?
        var failure: FailureValue?

        init(_ report: DeployResult) {
            (outcome, hint, isHeldBack) = (report.outcome.rawValue, report.hint, report.isHeldBack)
            (commit, sourceCommit) = (report.commit?.description, report.sourceCommit?.description)
            (sourceTime, appURL, stage) = (report.sourceTime, report.appURL, report.stage?.rawValue)
            reason = report.reason
            failure = report.failure.map { FailureValue($0) }
        }

        func report(on space: SpaceID) -> DeployResult {
            var report = DeployResult(space, DeployResult.Outcome(rawValue: outcome) ?? .failed)
            (report.commit, report.sourceCommit) = (
                commit.flatMap { ObjectID($0) }, sourceCommit.flatMap { ObjectID($0) }
            )
            (report.sourceTime, report.appURL) = (sourceTime, appURL)
            report.stage = stage.map { Stage(rawValue: $0) }
            (report.hint, report.isHeldBack, report.failure) = (hint, isHeldBack, failure?.failure)
            report.reason = reason
            return report
        }
    }
}

/// The pass's end of the connection to the process that started it; sends nothing if there is none.
struct PassLink: Sendable {
    /// What the process is: unset for the one that a person or cron started.
    enum Role: String, Sendable {
        case pass
        /// One target that may have ended a process before.
        case target
    }

    static let roleVariable = "SPACESYNC_MIRROR_ROLE"
    static let linkVariable = "SPACESYNC_MIRROR_LINK"
    static let suspectsVariable = "SPACESYNC_MIRROR_SUSPECTS"

    let role: Role?
    /// Targets that were under way when the process of an earlier pass died.
    let suspects: Set<String>
    private let descriptor: Int32
    /// Targets end side by side, and each line is whole.
    private static let writing = Mutex(())

    init(_ environment: CommandEnvironment) {
        descriptor = environment[Self.linkVariable].flatMap { Int32($0) } ?? -1
        role = descriptor < 0 ? nil : environment[Self.roleVariable].flatMap { Role(rawValue: $0) }
        suspects = Set((environment[Self.suspectsVariable] ?? "").split(separator: " ").map { String($0) })
    }

    func send(_ message: PassMessage) {
        guard role != nil, var line = try? JSONEncoder().encode(message) else { return }
        line.append(UInt8(ascii: "\n"))
        Self.writing.withLock { _ in
            var rest = Array(line)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    /// Ends this process when the one that started it is gone, as if the signal had reached both.
    func watchParent() {
        guard role != nil, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return }
        startThread { [descriptor] in
            var byte: UInt8 = 0
            // Nothing is ever sent this way: it ends with the other process.
            while recv(descriptor, &byte, 1, 0) < 0, errno == EINTR {}
            kill(getpid(), SIGKILL)
        }
    }
}
