import Deploy
import Essentials
import SpacesModel
import Synchronization

/// A message from the process of a pass to the process that started it: one JSON object per line.
struct PassMessage: Codable, Sendable {
    /// The time limit of the pass in seconds.
    var limit: Double?
    /// The Space whose deploy starts.
    var began: String?
    /// The Space whose deploy has ended.
    var ended: String?
    /// The metrics of the pass; they mark the pass as complete.
    var metrics: String?
    /// The error that ended the pass before it reached its targets.
    var failure: FailureValue?
    /// The result of a target that ran in its own process.
    var report: ReportValue?

    /// A `DeployError` without the parts that only text output needs.
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

    /// The parts of a `DeployResult` that a pass needs.
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

/// The child's end of the connection to the process that started it; sends nothing if there is
/// none.
struct PassLink: Sendable {
    /// The role of the process; unset for a process started by a person or cron.
    enum Role: String, Sendable {
        case pass
        /// Deploys one target that may have crashed an earlier process.
        case target
    }

    static let roleVariable = "SPACESYNC_MIRROR_ROLE"
    static let linkVariable = "SPACESYNC_MIRROR_LINK"
    static let suspectsVariable = "SPACESYNC_MIRROR_SUSPECTS"

    let role: Role?
    /// Targets that were being deployed when the process of an earlier pass crashed.
    let suspects: Set<String>
    private let descriptor: Int32
    /// Targets end concurrently; the lock keeps their lines from being mixed.
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
            var remaining = Array(line)[...]
            while !remaining.isEmpty {
                let count = remaining.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count > 0 {
                    remaining = remaining.dropFirst(count)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    /// Kills this process when the process that started it ends, as if the signal had reached both
    /// processes.
    func watchParent() {
        guard role != nil, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return }
        startThread { [descriptor] in
            var byte: UInt8 = 0
            // The parent never sends anything: `recv` returns when the parent has ended.
            while recv(descriptor, &byte, 1, 0) < 0, errno == EINTR {}
            kill(getpid(), SIGKILL)
        }
    }
}
