import Deploy
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
    /// `running: pushed at 1a2b3c4, BUILDING (process 12)`.
    var state: String {
        if isRunning { return "running: \(entry.state) (process \(process))" }
        guard entry.outcome != nil else {
            return "interrupted: \(entry.state); to retry, push again or run spacesync push"
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

    var json: JSON {
        .object([
            "space": entry.space.isEmpty ? .null : .string(entry.space), "branch": .string(entry.branch),
            "source_commit": .string(entry.source), "commit": .optional(entry.commit),
            "outcome": .optional(entry.outcome), "exit": entry.exit.map(JSON.int) ?? .null,
            "stage": .optional(entry.stage), "message": .optional(entry.message),
            "began": .string(began.formatted(.iso8601)),
            "ended": .optional(ended.map { $0.formatted(.iso8601) }), "goes_on": .bool(isRunning),
            "process": isRunning ? .int(Int(process)) : .null, "log": .string(logPath),
        ])
    }
}

/// The outcome of a push.
struct HookOutcome: Codable, Hashable, Sendable {
    var version = CommandLineTool.version
    var process: Int32
    /// Seconds since 1970, like `ended`.
    var began: Double
    var ended: Double?
    var deploys: [Entry] = []
    /// The number of deploys beyond the journal's limit, which are only counted.
    var omitted: Int?

    /// The recorded deploys, and one entry for all that were only counted.
    var entries: [Entry] {
        guard let omitted, let last = deploys.last else { return deploys }
        var summary = Entry(space: "", branch: last.branch, source: last.source)
        (summary.outcome, summary.ended) = (DeployResult.Outcome.refused.rawValue, ended)
        summary.message = "\(omitted) more \(omitted == 1 ? "result is" : "results are") not recorded"
        return deploys + [summary]
    }

    /// Adds a deploy at the end, or replaces the one at the index.
    mutating func set(_ deploy: Entry, at index: Int) {
        if deploys.indices.contains(index) {
            deploys[index] = deploy
        } else if index == deploys.count {
            deploys.append(deploy)
        }
    }

    struct Entry: Codable, Hashable, Sendable {
        var space: String
        var branch: String
        /// The commit that was pushed to the repository.
        var source: String
        /// The URL of the Space on the Hub.
        var page: String?
        /// The commit on the Space.
        var commit: String?
        var stage: String?
        var app: String?
        /// The outcome, as in a result (design 5).
        var outcome: String?
        var exit: Int?
        var message: String?
        /// Seconds since 1970.
        var ended: Double?

        /// The current stage or the outcome, as text.
        var state: String {
            let location = commit.map { " at \($0.prefix(7))" } ?? ""
            if let outcome { return outcome + location }
            guard commit != nil else { return stage ?? "not pushed yet" }
            return "pushed\(location)" + (stage.map { ", \($0)" } ?? "")
        }
    }
}

/// The journal of one hook run in JSON Lines format: each change appends a record, so the cost of a
/// change does not grow with the number of Spaces. The last record of a deploy counts; a partial
/// last line (a killed process) is ignored.
struct HookJournal {
    /// The maximum number of recorded deploys of a push; more are only counted.
    static let deployLimit = 200
    /// The maximum size of a journal in bytes; beyond it only results are recorded, no stages.
    static let sizeLimit = 1 << 20

    private struct Record: Codable {
        var version: String?
        var process: Int32?
        var began: Double?
        var ended: Double?
        /// The position of `deploy` in the list.
        var index: Int?
        var deploy: HookOutcome.Entry?
        var omitted: Int?
    }

    private let descriptor: Int32
    private var size = 0

    /// Creates the journal; `nil` if the file can't be created.
    init?(creating path: String, _ outcome: HookOutcome) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        append(Record(version: outcome.version, process: outcome.process, began: outcome.began))
    }

    /// Records the current state of a deploy.
    mutating func record(_ deploy: HookOutcome.Entry, at index: Int) {
        guard index < Self.deployLimit, size < Self.sizeLimit || deploy.outcome != nil else { return }
        append(Record(index: index, deploy: deploy))
    }

    /// Records the end of the run.
    mutating func end(_ outcome: HookOutcome) {
        let omitted = outcome.deploys.count - Self.deployLimit
        append(Record(ended: outcome.ended, omitted: omitted > 0 ? omitted : nil))
    }

    private mutating func append(_ record: Record) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(record) else { return }
        line.append(UInt8(ascii: "\n"))
        // One write, so that a killed process leaves at most one partial line. A full disk leaves none.
        if appendToFile(line, descriptor) { size += line.count }
    }

    /// Reads a journal; `nil` if there is none or its first line is not one.
    static func read(_ path: String) -> HookOutcome? {
        guard let bytes = readFile(path, limit: 2 * sizeLimit) else { return nil }
        let records = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(Record.self, from: Data($0))
        }
        guard let first = records.first, let version = first.version, let process = first.process,
            let began = first.began
        else { return nil }
        var outcome = HookOutcome(version: version, process: process, began: began)
        for record in records.dropFirst() {
            if let deploy = record.deploy, let index = record.index { outcome.set(deploy, at: index) }
            if let ended = record.ended { (outcome.ended, outcome.omitted) = (ended, record.omitted) }
        }
        return outcome
    }
}
