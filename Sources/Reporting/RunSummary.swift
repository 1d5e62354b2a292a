import Deploy
import SpacesModel

/// The last line of a run: the outcomes of all targets, because errors may have scrolled out of
/// view.
struct RunSummary {
    private var ended: [String: Int] = [:]
    private var failed: [String] = []
    /// The maximum number of names in the line.
    private static let maxNames = 10

    mutating func add(_ report: DeployResult) {
        if report.isDeferred {
            ended["deferred", default: 0] += 1
        } else if let failure = report.failure {
            failed.append("\(report.space) (\(failure.kind.exitCode))")
        } else {
            ended[report.outcome.rawValue, default: 0] += 1
        }
    }

    /// The summary; `nil` if no target failed.
    var line: String? {
        guard !failed.isEmpty else { return nil }
        let succeeded = ended.sorted { $0.key < $1.key }.map { "\($1) \($0)" }
        let more = failed.count > Self.maxNames ? " and \(failed.count - Self.maxNames) more" : ""
        let names = failed.sorted().prefix(Self.maxNames).joined(separator: ", ") + more
        return (succeeded + ["\(failed.count) failed, with exit code: \(names)"]).joined(separator: "; ")
    }
}
