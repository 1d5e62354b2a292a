import Deploy
import SpacesModel

/// How the stories of a run ended, for its last line: errors may stand a screen above.
struct RunSummary {
    private var ended: [String: Int] = [:]
    private var failed: [String] = []
    /// Names that a line holds.
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

    /// nil where all went well, or waits for a later pass.
    var line: String? {
        guard !failed.isEmpty else { return nil }
        let well = ended.sorted { $0.key < $1.key }.map { "\($1) \($0)" }
        let more = failed.count > Self.maxNames ? " and \(failed.count - Self.maxNames) more" : ""
        let names = failed.sorted().prefix(Self.maxNames).joined(separator: ", ") + more
        return (well + ["\(failed.count) failed, with exit code: \(names)"]).joined(separator: "; ")
    }
}
