import Deploy
import Essentials
import SpacesModel
import TextTools

/// Prints events as JSON on standard output, one object per line.
package struct JSONReporter: Reporter {
    package let out: Terminal
    package let err: Terminal
    package var now: @Sendable () -> Date = { Date() }

    package init(out: Terminal, err: Terminal) { (self.out, self.err) = (out, err) }

    package func beginRun(_ run: RunDescription) {}

    package func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        guard let (name, fields) = Self.fields(event) else { return }
        emit(name, space, fields)
    }

    package func report(_ report: DeployResult, _ cost: RunStatistics) {
        emit("result", report.space, TargetOutcome(report: report, cost: cost).fields())
    }

    package func recordResult(_ report: DeployResult, _ cost: RunStatistics) { self.report(report, cost) }

    package func fail(_ failure: DeployError) {
        emit(
            "result", nil,
            [
                ("outcome", .string(DeployResult.Outcome(of: failure.kind).rawValue)), ("commit", .null),
                ("source_commit", .null), ("space_url", .null), ("app_url", .null), ("stage", .null),
                ("seconds", .double(0)), ("requests", .int(0)), ("bytes_sent", .int(0)),
                ("bytes_received", .int(0)),
                ("exit", .int(failure.kind.exitCode)), ("guards", .array([])),
                (
                    "message",
                    .string(([failure.message] + failure.details + failure.log).joined(separator: "\n"))
                ),
                ("hint", .optional(failure.hint)),
            ])
    }

    package func warn(_ text: String) { emit("warning", nil, [("message", .string(text))]) }
    package func info(_ text: String) {}
    package func pauseOutput(for space: SpaceID) {}
    package func resumeOutput() {}
    package func switchActiveTarget(to space: SpaceID, before others: Int) {}

    package func finish() {}

    private func emit(_ event: String, _ space: SpaceID?, _ fields: [(String, OrderedJSON)]) {
        out.write(Self.object(event, space, fields, at: now()).description + "\n")
    }

    /// Returns an event: the common fields, then its own.
    package static func object(
        _ event: String, _ space: SpaceID?, _ fields: [(String, OrderedJSON)], at date: Date = Date()
    ) -> OrderedJSON {
        let time = date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true)
                .timeZone(separator: .omitted))
        let head: [(String, OrderedJSON)] = [
            ("event", .string(event)), ("time", .string(time)),
            ("space", .optional(space?.isFolder == true ? nil : space)),
        ]
        return .object(head + fields)
    }

    private static func fields(_ event: Event) -> (String, [(String, OrderedJSON)])? {
        switch event {
        case .step, .detail, .uploading: nil
        case .warning(let text, _): ("warning", [("message", .string(text))])
        case .read(let source, let head):
            ("read", [("source_commit", .string(source.description)), ("space_head", .optional(head))])
        case .planned(let plan): ("planned", planned(plan))
        case .finding(let finding): ("finding", found(finding))
        case .drifted(let entry): ("drift", drifted(entry))
        case .configured(let change): ("configured", configured(change))
        case .uploaded(let path, let size, let sha256):
            ("uploaded", [("path", .optional(path)), ("size", .int(size)), ("sha256", .string(sha256))])
        case .pushed(let commit): ("pushed", [("commit", .optional(commit))])
        case .exported(let directory, let files, let size):
            ("exported", [("dir", .string(directory)), ("files", .int(files)), ("size", .int(size))])
        case .remote(let line): ("remote", [("line", .string(line))])
        case .stage(let stage): ("stage", [("stage", .optional(stage))])
        case .log(let kind, let line):
            ("log", [("stream", .string(kind.rawValue)), ("line", .string(line.text))])
        case .probed(_, let url, let status, let ok):
            (
                "probed",
                [("url", .string(url)), ("status", status.map(OrderedJSON.int) ?? .null), ("ok", .bool(ok))]
            )
        case .retry(let operation, let attempt, let wait, let reason):
            (
                "retry",
                [
                    ("what", .string(operation)), ("attempt", .int(attempt)),
                    ("wait_ms", .int(Int(wait / .milliseconds(1)))), ("why", .string(reason)),
                ]
            )
        }
    }

    static func found(_ finding: Finding) -> [(String, OrderedJSON)] {
        [
            ("severity", .string(finding.severity.name)), ("path", .optional(finding.path)),
            ("line", finding.line.map(OrderedJSON.int) ?? .null), ("rule", .string(finding.rule.rawValue)),
            ("reason", .string(finding.reason)), ("mend", .string(finding.fix)),
        ]
    }

    static func configured(_ change: ConfigurationChange) -> [(String, OrderedJSON)] {
        [
            ("setting", .string(change.subject.description)), ("change", .string(change.kind.rawValue)),
            ("why", .string(change.why)), ("stake", .optional(change.costWarning)),
        ]
    }

    static func planned(_ plan: Plan) -> [(String, OrderedJSON)] {
        let changes = plan.changes.map { change in
            let diff =
                change.diff.map { [("diff", OrderedJSON.string(String(decoding: $0, as: UTF8.self)))] } ?? []
            return OrderedJSON.object(
                [
                    ("path", .optional(change.path)), ("change", .string(change.kind.rawValue)),
                    ("why", .string(change.why)),
                ] + diff)
        }
        let counts = [Change.Kind.added, .updated, .removed, .kept].map {
            ($0.rawValue, OrderedJSON.int(plan.count($0)))
        }
        let commits = plan.commits.map { commit in
            OrderedJSON.object([("id", .string(commit.id.description)), ("subject", .string(commit.subject))])
        }
        let large = plan.changes.count { $0.lfs != nil }
        return counts + [("lfs", .int(large)), ("changes", .array(changes))]
            + (commits.isEmpty ? [] : [("commits", .array(commits))])
            + (plan.configurationChanges.isEmpty
                ? [] : [("settings", .array(plan.configurationChanges.map { .object(configured($0)) }))])
    }
}

/// A JSON value that keeps the order of its keys, written on one line (RFC 8259).
package indirect enum OrderedJSON: Sendable, CustomStringConvertible {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([OrderedJSON])
    case object([(String, OrderedJSON)])

    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): "\(value)"
        case .double(let value): value.isFinite ? "\(value)" : "null"
        case .string(let value): value.jsonQuoted
        case .array(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
        case .object(let fields):
            "{" + fields.map { "\($0.0.jsonQuoted):\($0.1)" }.joined(separator: ",") + "}"
        }
    }

    package static func optional(_ text: (some CustomStringConvertible)?) -> OrderedJSON {
        text.map { .string($0.description) } ?? .null
    }
}

extension OrderedJSON {
    /// Converts a value; the members of objects are sorted by key.
    package init(_ value: JSON) {
        switch value {
        case .null: self = .null
        case .bool(let bool): self = .bool(bool)
        case .number(let number): self = Int(exactly: number).map(OrderedJSON.int) ?? .double(number)
        case .string(let text): self = .string(text)
        case .array(let values): self = .array(values.map(OrderedJSON.init))
        case .object(let fields):
            self = .object(fields.sorted { $0.key < $1.key }.map { ($0.key, OrderedJSON($0.value)) })
        }
    }
}
