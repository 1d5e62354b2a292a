import Deploy
import SpacesModel

/// The summary of a run in Markdown, for the page of a workflow run: a row per Space, and the
/// errors below.
struct StepSummary: Sendable {
    let title: String
    let results: [TargetResult]
    /// Errors that belong to no target.
    let errors: [DeployError]

    /// The maximum size in bytes; GitHub accepts 1 MiB for the summary of a step.
    private static let limit = 256 << 10

    /// The Markdown text; empty if there is nothing to report.
    var text: String {
        guard !results.isEmpty || !errors.isEmpty else { return "" }
        let failures = results.compactMap { result in result.deploy.failure.map { (spaceLink(result), $0) } }
        let sections = errors.map { ("", $0) } + failures
        var parts = ["### \(title)\n"] + (results.isEmpty ? [] : [table])
        var size = parts.reduce(0) { $0 + $1.utf8.count }
        for (index, (name, failure)) in sections.enumerated() {
            let part = section(name, failure)
            size += part.utf8.count
            guard size < Self.limit else {
                parts.append("… and \(sections.count - index) more: see the step's log\n")
                break
            }
            parts.append(part)
        }
        return parts.joined(separator: "\n") + "\n"
    }

    private var table: String {
        let rows = results.map { result in
            let report = result.deploy
            return [
                spaceLink(result), outcome(of: report), commit(result),
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

    private func spaceLink(_ result: TargetResult) -> String {
        result.spaceURL.map { "[\(result.space)](\($0))" } ?? "\(result.space)"
    }

    private func commit(_ result: TargetResult) -> String {
        guard let commit = result.deploy.commit else { return "" }
        return result.spaceURL.map { "[`\(commit.short)`](\($0)/commit/\(commit))" }
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
