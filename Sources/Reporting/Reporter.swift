import Deploy
import SpacesModel
import TextTools

/// The output of a run: text, or the JSON events of the contract (design 5).
package protocol Reporter: Sendable {
    func send(_ message: ReporterMessage)
}

/// A message about a run. Reporters handle every case, without a `default`.
package enum ReporterMessage: Sendable {
    /// The run begins. Without this message: one Space, and the plan is not the result.
    case begin(RunDescription)
    /// An event of one target; the last value completes commands in the event's text.
    case event(Event, SpaceID, any CommandCompleting)
    /// The result of one target.
    case result(TargetResult)
    /// The result of a target for which nothing is printed.
    case silentResult(TargetResult)
    /// The target whose output follows, and the number of targets whose output waits for it.
    case activeTarget(SpaceID, waiting: Int)
    /// An error that belongs to no target.
    case error(DeployError)
    /// A warning that belongs to no target.
    case warning(String)
    /// A log line that belongs to no target.
    case info(String)
    /// A prompt about a target follows: output pauses until `promptEnd`.
    case promptBegin(SpaceID)
    case promptEnd
    /// The output of the run ends.
    case end

    /// The message with tokens in its text redacted.
    var redacted: ReporterMessage {
        switch self {
        case .event(let event, let space, let lines): .event(event.redacted, space, lines)
        case .result(let result): .result(result.redacted)
        case .silentResult(let result): .silentResult(result.redacted)
        case .error(let error): .error(error.redacted)
        case .warning(let text): .warning(text.redacted)
        case .info(let text): .info(text.redacted)
        case .begin, .activeTarget, .promptBegin, .promptEnd, .end: self
        }
    }
}

/// Completes commands in text with the flags of this run, so that the user can run them unchanged.
package protocol CommandCompleting: Sendable {
    /// - Parameter space: `nil` if the command names no Space.
    func complete(_ text: String, of space: SpaceID?) -> String
}

/// The Spaces and the kind of a run.
package struct RunDescription: Hashable, Sendable {
    /// The Spaces in the order in which their results are printed.
    package var spaces: [SpaceID] = []
    /// Whether the plan is the result, not a part of the log (`plan`, `push -n`).
    package var isPlan = false
    /// Whether targets are printed strictly in order, because standard output contains more than
    /// one line per target.
    package var isInOrder = false
    /// The checkouts of targets whose source is the current repository.
    package var checkouts: [SpaceID: WorkflowCheckout] = [:]

    package init(
        spaces: [SpaceID] = [], isPlan: Bool = false, isInOrder: Bool = false,
        checkouts: [SpaceID: WorkflowCheckout] = [:]
    ) {
        (self.spaces, self.isPlan, self.isInOrder, self.checkouts) = (spaces, isPlan, isInOrder, checkouts)
    }

    /// Whether results on standard output need a heading with the Space's name.
    var hasMultipleSpaces: Bool { spaces.count > 1 }
}

/// The duration and traffic of a target's deploy.
package struct RunStatistics: Sendable {
    package var seconds = 0.0
    package var requests = 0
    package var bytesSent = 0
    package var bytesReceived = 0
    package var endpoint: String

    package init(
        seconds: Double = 0, requests: Int = 0, bytesSent: Int = 0, bytesReceived: Int = 0, endpoint: String
    ) {
        (self.seconds, self.requests, self.endpoint) = (seconds, requests, endpoint)
        (self.bytesSent, self.bytesReceived) = (bytesSent, bytesReceived)
    }
}

/// The result of one target, with its statistics.
package struct TargetResult: Sendable {
    package let deploy: DeployResult
    package let statistics: RunStatistics

    package init(_ deploy: DeployResult, _ statistics: RunStatistics) {
        (self.deploy, self.statistics) = (deploy, statistics)
    }

    package var space: SpaceID { deploy.space }

    var spaceURL: String? { space.isFolder ? nil : "\(statistics.endpoint)/spaces/\(space)" }

    var redacted: TargetResult { TargetResult(deploy.redacted, statistics) }

    /// The fields of the result in JSON: of `result` events, of notifications, and of the outputs of
    /// GitHub Actions.
    /// - Parameter log: whether the message includes the last lines of the log.
    package func fields(log: Bool = true) -> JSON.Object {
        let failure = deploy.failure
        let message = failure.map {
            ([$0.message] + $0.details + (log ? $0.log : [])).joined(separator: "\n")
        }
        return [
            "outcome": .string(deploy.outcome.rawValue), "commit": .optional(deploy.commit),
            "source_commit": .optional(deploy.sourceCommit), "space_url": .optional(spaceURL),
            "app_url": .optional(deploy.appURL), "stage": .optional(deploy.stage),
            "seconds": .double((statistics.seconds * 1000).rounded() / 1000),
            "requests": .int(statistics.requests), "bytes_sent": .int(statistics.bytesSent),
            "bytes_received": .int(statistics.bytesReceived), "exit": .int(deploy.exitCode),
            "guards": .array(deploy.guards.map { .string($0.rawValue) }),
            "message": .optional(message ?? deploy.reason), "hint": .optional(failure?.hint ?? deploy.hint),
        ]
    }

    /// Returns the fields of an error that ended the run before it reached a target.
    static func fields(of error: DeployError) -> JSON.Object {
        TargetResult(DeployResult(.folder(""), failure: error), RunStatistics(endpoint: "")).fields()
    }
}
