import Deploy
import SpacesModel

/// The result and the statistics of one target.
struct TargetOutcome: Sendable {
    let report: DeployResult
    let cost: RunStatistics

    var space: SpaceID { report.space }

    var spaceURL: String? { space.isFolder ? nil : "\(cost.endpoint)/spaces/\(space)" }

    /// The fields of the `result` event in JSON.
    /// - Parameter log: whether the message includes the last lines of the log.
    func fields(log: Bool = true) -> [(String, OrderedJSON)] {
        let failure = report.failure
        let message = failure.map {
            ([$0.message] + $0.details + (log ? $0.log : [])).joined(separator: "\n")
        }
        return [
            ("outcome", .string(report.outcome.rawValue)), ("commit", .optional(report.commit)),
            ("source_commit", .optional(report.sourceCommit)), ("space_url", .optional(spaceURL)),
            ("app_url", .optional(report.appURL)), ("stage", .optional(report.stage)),
            ("seconds", .double((cost.seconds * 1000).rounded() / 1000)),
            ("requests", .int(cost.requests)),
            ("bytes_sent", .int(cost.bytesSent)), ("bytes_received", .int(cost.bytesReceived)),
            ("exit", .int(report.exitCode)),
            ("guards", .array(report.guards.map { .string($0.rawValue) })),
            ("message", .optional(message ?? report.reason)),
            ("hint", .optional(failure?.hint ?? report.hint)),
        ]
    }
}
