import Deploy
import SpacesModel

/// The buffered output of a target while another one is printed. Only the end of a long log is
/// kept.
struct BufferedOutput: Sendable {
    private var events: [(event: Event, lines: any CommandCompleting)] = []
    private var logLines = 0
    private var omittedLines = 0
    var end: (report: DeployResult, cost: RunStatistics)?

    /// The maximum number of log lines kept.
    static let maxLogLines = 200

    mutating func add(_ event: Event, _ lines: any CommandCompleting) {
        switch event {
        // Upload progress is outdated when the buffer is printed.
        case .uploading: return
        case .log: logLines += 1
        default: break
        }
        events.append((event, lines))
        if logLines > 2 * Self.maxLogLines { truncateLog() }
    }

    /// Drops the first lines of the log beyond the limit.
    private mutating func truncateLog() {
        var excess = logLines - Self.maxLogLines
        guard excess > 0 else { return }
        (omittedLines, logLines) = (omittedLines + excess, Self.maxLogLines)
        events.removeAll { entry in
            guard entry.event.isLog, excess > 0 else { return false }
            excess -= 1
            return true
        }
    }

    func replay(_ space: SpaceID, by reporter: any Reporter) {
        var truncated = self
        truncated.truncateLog()
        let start = truncated.events.firstIndex { $0.event.isLog } ?? 0
        for (index, entry) in truncated.events.enumerated() {
            if index == start, truncated.omittedLines > 0 {
                let gap = "… \(truncated.omittedLines) lines of the log before these (--json shows all)"
                reporter.report(.detail(gap), of: space, entry.lines)
            }
            reporter.report(entry.event, of: space, entry.lines)
        }
        if let end { reporter.report(end.report, end.cost) }
    }
}

extension Event {
    fileprivate var isLog: Bool { if case .log = self { true } else { false } }
}
