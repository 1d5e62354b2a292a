import Essentials
import Reporting
import SpacesModel
import TextTools

/// The outcomes of the last pushes to a repository.
struct HookHistory: Sendable {
    /// The deploy of one push to one Space.
    struct Deploy: Sendable {
        var entry: HookOutcome.Entry
        var began: Date
        var ended: Date?
        var process: Int32
        var isRunning: Bool
        /// Whether the deploy failed in the background and the failure has not been printed to
        /// anyone.
        var isUnreported: Bool
        var hookLog: HookLog
        var logPath: String { hookLog.logPath }
    }

    /// The newest deploy first.
    let deploys: [Deploy]

    init(of repository: String, _ environment: CommandEnvironment) {
        deploys = HookLogDirectory.logs(of: repository, environment).flatMap { log -> [Deploy] in
            guard let outcome = log.outcome else { return [] }
            let isRunning = log.isRunning
            return outcome.entries.map { entry in
                Deploy(
                    entry: entry, began: Date(timeIntervalSince1970: outcome.began),
                    ended: entry.ended.map { Date(timeIntervalSince1970: $0) }, process: outcome.process,
                    isRunning: isRunning && entry.outcome == nil,
                    isUnreported: log.isDetached && entry.exit != 0, hookLog: log)
            }
        }
    }

    func last(of space: SpaceID) -> Deploy? { deploys.first { $0.entry.space == space.description } }
}

extension HookHistory.Deploy {
    /// The state as text, for example `deployed at 1a2b3c4` or
    /// `goes on: pushed at 1a2b3c4, BUILDING (process 12)`.
    var state: String {
        if isRunning { return "goes on: \(entry.state) (process \(process))" }
        guard entry.outcome != nil else {
            return "cut off: \(entry.state); the next push, or spacesync push, takes it up"
        }
        let message = entry.message.map { ": \($0)" } ?? ""
        return entry.state + message
    }

    /// Records that the failure has been printed.
    func markReported() { hookLog.clearDetached() }

    var age: String { RelativeTime.ago((ended ?? began).formatted(.iso8601)) }

    /// The row of `hook status`.
    var row: [String] {
        let space = entry.space.isEmpty ? "" : " -> \(entry.space)"
        return [
            age, "\(entry.branch.shortened(to: ShownLimit.branch)) \(entry.source.prefix(7))\(space)", state,
        ].map(\.visible)
    }

    var json: OrderedJSON {
        .object([
            ("space", entry.space.isEmpty ? .null : .string(entry.space)), ("branch", .string(entry.branch)),
            ("source_commit", .string(entry.source)), ("commit", .optional(entry.commit)),
            ("outcome", .optional(entry.outcome)), ("exit", entry.exit.map(OrderedJSON.int) ?? .null),
            ("stage", .optional(entry.stage)), ("message", .optional(entry.message)),
            ("began", .string(began.formatted(.iso8601))),
            ("ended", .optional(ended.map { $0.formatted(.iso8601) })), ("goes_on", .bool(isRunning)),
            ("process", isRunning ? .int(Int(process)) : .null), ("log", .string(logPath)),
        ])
    }
}
