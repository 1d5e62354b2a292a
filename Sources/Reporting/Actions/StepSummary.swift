import Deploy
import SpacesModel
import TextTools

/// The summary of a run in Markdown, for the page of a workflow run: a row per Space, and the
/// errors below.
struct StepSummary: Sendable {
    let title: String
    let targetOutcomes: [TargetOutcome]
    /// Errors that belong to no target.
    let failures: [DeployError]

    /// The maximum size in bytes; GitHub accepts 1 MiB for the summary of a step.
    private static let limit = 256 << 10

    /// The Markdown text; empty if there is nothing to report.
    var text: String {
        guard !targetOutcomes.isEmpty || !failures.isEmpty else { return "" }
        let errors =
            failures.map { ("", $0) }
            + targetOutcomes.compactMap { targetOutcome in
                targetOutcome.report.failure.map { (spaceLink(targetOutcome), $0) }
            }
        var parts = ["### \(title)\n"] + (targetOutcomes.isEmpty ? [] : [table])
        var size = parts.reduce(0) { $0 + $1.utf8.count }
        for (index, (name, failure)) in errors.enumerated() {
            let part = section(name, failure)
            size += part.utf8.count
            guard size < Self.limit else {
                parts.append("… and \(errors.count - index) more, told in the step's log\n")
                break
            }
            parts.append(part)
        }
        return parts.joined(separator: "\n") + "\n"
    }

    private var table: String {
        let rows = targetOutcomes.map { targetOutcome in
            let report = targetOutcome.report
            return [
                spaceLink(targetOutcome), outcome(of: report), commit(targetOutcome),
                link(report.appURL) ?? "",
            ]
        }
        let lines = [["Space", "Outcome", "Commit", "App"], ["---", "---", "---", "---"]] + rows
        return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }

    private func outcome(of report: DeployResult) -> String {
        let outcome = report.outcome.displayName
        if let failure = report.failure { return "**\(outcome)** (exit code \(failure.kind.exitCode))" }
        guard report.outcome == .planned, let plan = report.plan else { return outcome }
        let counts = [Change.Kind.added, .updated, .removed].map { ($0.rawValue, plan.count($0)) }
            .filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return counts.isEmpty
            ? "\(outcome): nothing to change" : "\(outcome): \(counts.joined(separator: ", "))"
    }

    private func spaceLink(_ targetOutcome: TargetOutcome) -> String {
        targetOutcome.spaceURL.map { "[\(targetOutcome.space)](\($0))" } ?? "\(targetOutcome.space)"
    }

    private func commit(_ targetOutcome: TargetOutcome) -> String {
        guard let commit = targetOutcome.report.commit else { return "" }
        return targetOutcome.spaceURL.map { "[`\(commit.short)`](\($0)/commit/\(commit))" }
            ?? "`\(commit.short)`"
    }

    /// Returns a link; empty if the URL, which the Hub reports, contains characters with a meaning
    /// in Markdown.
    private func link(_ url: String?) -> String? {
        url.map { url in
            let isPlain = url.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-._~:/?#&=%".contains($0))
            }
            return isPlain ? "<\(url)>" : ""
        }
    }

    private func section(_ name: String, _ failure: DeployError) -> String {
        let hint = (failure.hint ?? "").split(separator: "\n").enumerated().map { index, line in
            (index == 0 ? "hint: " : "      ") + line
        }
        let lines = ([failure.message] + failure.details.prefix(40) + hint).map(\.visible)
        // The fence must be longer than any in the text.
        let fence = String(repeating: "`", count: max(3, (lines.map(Self.longestFence).max() ?? 0) + 1))
        let heading = name.isEmpty ? "" : "\(name)\n\n"
        return "\(heading)\(fence)text\n\(lines.joined(separator: "\n"))\n\(fence)\n"
    }

    /// Returns the length of the longest run of backticks.
    private static func longestFence(in line: String) -> Int {
        line.split(omittingEmptySubsequences: true) { $0 != "`" }.map(\.count).max() ?? 0
    }
}

/// The result and the statistics of one target.
struct TargetOutcome: Sendable {
    let report: DeployResult
    let cost: RunStatistics

    var space: SpaceID { report.space }

    var spaceURL: String? { space.isFolder ? nil : "\(cost.endpoint)/spaces/\(space)" }

    /// The fields of the `result` event in JSON.
    /// - Parameter log: whether the message includes the last lines of the log.
    func fields(log: Bool = true) -> JSON.Object {
        let failure = report.failure
        let message = failure.map {
            ([$0.message] + $0.details + (log ? $0.log : [])).joined(separator: "\n")
        }
        return [
            "outcome": .string(report.outcome.rawValue), "commit": .optional(report.commit),
            "source_commit": .optional(report.sourceCommit), "space_url": .optional(spaceURL),
            "app_url": .optional(report.appURL), "stage": .optional(report.stage),
            "seconds": .double((cost.seconds * 1000).rounded() / 1000), "requests": .int(cost.requests),
            "bytes_sent": .int(cost.bytesSent), "bytes_received": .int(cost.bytesReceived),
            "exit": .int(report.exitCode), "guards": .array(report.guards.map { .string($0.rawValue) }),
            "message": .optional(message ?? report.reason), "hint": .optional(failure?.hint ?? report.hint),
        ]
    }
}
