import Deploy
import DeploySettings
import Essentials
import Git
import HTTP
import Reporting
import SpacesModel
import TextTools

/// The results of a pass, for the table, the log and the metrics.
struct PassReport: Sendable {
    let reports: [DeployResult]
    private let costs: [SpaceID: RunStatistics]
    private let start: Date
    private let end = Date()
    private let targetStates: [String: MirrorState.TargetState]

    init(
        _ reports: [DeployResult], _ costs: [SpaceID: RunStatistics], start: Date,
        _ targetStates: [String: MirrorState.TargetState]
    ) {
        (self.reports, self.costs, self.start, self.targetStates) = (reports, costs, start, targetStates)
    }

    /// Whether any target changed or failed.
    var isNotable: Bool { reports.contains { !MirrorState.isNoOp($0) } }

    /// The exit code of the most severe result.
    var exitCode: Int { DeployResult.exitCode(of: reports) }

    /// The targets deferred to a later pass, one line per reason.
    var deferrals: [String] {
        Dictionary(grouping: reports.filter(\.isDeferred)) { $0.deferral ?? "" }.sorted { $0.key < $1.key }
            .map {
                let names = $1.prefix(5).map(\.space.description).joined(separator: ", ")
                let more = $1.count > 5 ? " and \($1.count - 5) more" : ""
                return "\(names)\(more): deferred to a later pass: \($0)"
            }
    }

    private var requests: Int { costs.values.reduce(0) { $0 + $1.requests } }

    /// A row for each target that changed or failed, and a summary line.
    var table: [String] {
        let rows = reports.filter { !MirrorState.isNoOp($0) && !$0.isDeferred }.map { report in
            [
                report.space.description, report.outcome.rawValue, report.commit?.short ?? "",
                report.failure.map { "exit \($0.kind.exitCode)" } ?? "",
                Duration.milliseconds(Int64((costs[report.space]?.seconds ?? 0) * 1000)).text(.elapsed),
            ]
        }
        let counts = Dictionary(grouping: reports) { $0.isDeferred ? "deferred" : $0.outcome.rawValue }
            .mapValues(\.count).sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let elapsed = Duration.milliseconds(Int64(end.timeIntervalSince(start) * 1000)).text(.elapsed)
        return Table(rows: rows).lines
            + [
                "pass: \(counts.joined(separator: ", ")) in \(elapsed), \(counted(requests, "request"))"
            ]
    }

    /// The last line of a pass in JSON. Deferred targets are also counted as failed.
    var json: JSON {
        let counts = Dictionary(grouping: reports, by: \.outcome.rawValue).sorted { $0.key < $1.key }
        return JSONReporter.object(
            "pass", nil,
            [
                "targets": .int(reports.count),
                "outcomes": .object(JSON.Object(counts.map { ($0.key, .int($0.value.count)) })),
                "deferred": .int(reports.count(where: \.isDeferred)),
                "seconds": .double((end.timeIntervalSince(start) * 1000).rounded() / 1000),
                "requests": .int(requests), "exit": .int(exitCode),
            ])
    }

    /// Appends a line per target to the log.
    /// - Throws: kind `settings` if the file cannot be written.
    func appendLog(to path: String, named name: String) throws(DeployError) {
        let time = end.formatted(.iso8601)
        let lines = reports.map { report in
            let message = report.failure.map { " " + $0.message.visible } ?? ""
            return "\(time) \(report.space) \(report.outcome.rawValue) \(report.commit?.short ?? "-") "
                + "\(report.exitCode)\(message)\n"
        }
        if let error = appendToFile(lines.joined(), at: path, mode: 0o600) {
            throw unwritable(name, path, error)
        }
    }

    private func unwritable(_ name: String, _ path: String, _ error: FileError) -> DeployError {
        let failure = DeployError(
            .settings, "\(name) cannot be written: \(error.message)",
            hint: "all targets were processed; use another file")
        return error.failure(writing: path, else: failure)
    }

    /// Writes the metrics in the Prometheus text format
    /// (https://prometheus.io/docs/instrumenting/exposition_formats/). The file is replaced
    /// atomically, because the collector may read it at any time.
    func writeMetrics(to path: String, named name: String) throws(DeployError) {
        // The collector runs as another user, so the file is readable by all.
        do throws(FileError) { try writeAtomically(Data(metrics.utf8), to: path, mode: 0o644) } catch {
            throw unwritable(name, path, error)
        }
    }

    /// The metrics of each Space; a value is `nil` if there is none.
    private var metricFamilies: [(name: String, help: String, value: (DeployResult) -> Double?)] {
        let now = end.timeIntervalSince1970
        return [
            (
                "outcome_ok", "1 if the last pass succeeded for the Space",
                { $0.failure == nil ? 1 : 0 }
            ),
            (
                "exit_code", "exit code of the last pass for the Space",
                { Double($0.exitCode) }
            ),
            (
                "last_success_timestamp_seconds", "time of the last successful pass for the Space",
                { targetStates[$0.space.description]?.lastSuccess }
            ),
            ("duration_seconds", "duration of the last pass for the Space", { costs[$0.space]?.seconds }),
            (
                "requests", "requests of the last pass for the Space",
                { costs[$0.space].map { Double($0.requests) } }
            ),
            (
                "source_commit_age_seconds", "age of the source commit that was deployed last",
                { report in report.isHeldBack ? nil : report.sourceTime.map { now - Double($0) } }
            ),
            (
                "rolled_back", "1 if the source commit was rolled back and is skipped",
                { $0.isHeldBack || $0.outcome == .rolledBack ? 1 : 0 }
            ),
        ]
    }

    var metrics: String {
        let text = metricFamilies.map { name, help, value in
            let samples = reports.compactMap { report in
                value(report).map { "spacesync_\(name){space=\"\(report.space)\"} \(Self.number($0))" }
            }
            return (["# HELP spacesync_\(name) \(help)", "# TYPE spacesync_\(name) gauge"] + samples)
                .joined(separator: "\n")
        }
        let outcomes = reports.map {
            "spacesync_outcome{space=\"\($0.space)\",outcome=\"\($0.outcome.rawValue)\"} 1"
        }
        let pass = [
            "# HELP spacesync_pass_timestamp_seconds time when the last pass ended",
            "# TYPE spacesync_pass_timestamp_seconds gauge",
            "spacesync_pass_timestamp_seconds \(Self.number(end.timeIntervalSince1970))",
            "# HELP spacesync_pass_duration_seconds duration of the last pass",
            "# TYPE spacesync_pass_duration_seconds gauge",
            "spacesync_pass_duration_seconds \(Self.number(end.timeIntervalSince(start)))",
        ]
        let outcome = ["# HELP spacesync_outcome outcome of the last pass", "# TYPE spacesync_outcome gauge"]
        return (text + [(outcome + outcomes).joined(separator: "\n"), pass.joined(separator: "\n")])
            .joined(separator: "\n") + "\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15
            ? "\(Int64(value))" : "\((value * 1000).rounded() / 1000)"
    }
}

/// Sends a notification when the outcome of a Space changes: a POST of the result as JSON. Its
/// `text` is what Slack and similar services show (https://api.slack.com/messaging/webhooks). A
/// failed notification is only a warning, because the deploy is done.
struct WebhookNotifier: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    func send(_ notices: [(report: DeployResult, url: Target.Sourced)]) async {
        for (report, destination) in notices {
            guard let (url, authorization) = address(destination.value) else {
                context.reporter.send(
                    .warning(
                        "notify of \(report.space) is not a valid https URL, or its environment variable is not set"
                    ))
                continue
            }
            var request = HTTPClientRequest(
                "POST", url, authorization: authorization, isRepeatable: false, responseLimit: 1 << 16)
            request.headers["Content-Type"] = "application/json"
            request.body = .bytes(body(report).data)
            request.followsRedirects = false
            request.deadline = .seconds(10)
            do throws(HTTPError) {
                let response = try await context.client { _ in }.send(request)
                guard !response.isSuccess else { continue }
                warnUndelivered("\(url.host() ?? "the server") returned status \(response.status)", report)
            } catch {
                warnUndelivered(error.reason, report)
            }
        }
    }

    /// The URL is not printed, because it is a secret: it authorises anyone to post.
    private func warnUndelivered(_ reason: String, _ report: DeployResult) {
        context.reporter.send(.warning("the notification about \(report.space) failed: \(reason)"))
    }

    /// The URL, and the credentials in it, which are sent only to the URL's own origin.
    private func address(_ text: String) -> (URL, Authorization?)? {
        let value = text.hasPrefix("env:") ? context.environment[String(text.dropFirst(4))] : text
        guard let remote = value.flatMap({ try? RemoteURL($0) }), ["http", "https"].contains(remote.scheme),
            remote.origin.allowsCredentials, let url = URL(remote.withoutUser)
        else { return nil }
        let userInfo = [remote.user, remote.password].map { $0?.percentDecoded ?? $0 }
        guard let user = userInfo[0] else { return (url, nil) }
        return (url, .basic(user: user, password: Secret(exactly: (userInfo[1] ?? nil) ?? "")))
    }

    private func body(_ report: DeployResult) -> JSON {
        let summary = report.failure?.message ?? "\(report.space) has recovered"
        let hint = (report.failure?.hint ?? report.hint).map { "\n\($0)" } ?? ""
        let fields = TargetResult(report, RunStatistics(endpoint: "")).fields(log: false)
        var body: JSON.Object = [
            "text": .string("\(report.space): \(report.outcome.rawValue): \(summary)\(hint)"),
            "event": "result", "space": .string(report.space.description),
        ]
        for name in ["outcome", "commit", "source_commit", "app_url", "stage", "exit", "message", "hint"] {
            body[name] = fields[name]
        }
        // Only an error has a message here.
        if report.failure == nil { body["message"] = .null }
        return .object(body)
    }
}
