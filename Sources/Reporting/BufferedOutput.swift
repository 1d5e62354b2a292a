import Deploy
import SpacesModel

/// What a target says while another has the floor. Of a long log its end is kept.
struct BufferedOutput: Sendable {
    private var events: [(event: Event, lines: any CommandCompleting)] = []
    private var logLines = 0
    private var omittedLines = 0
    var end: (report: DeployResult, cost: RunStatistics)?

    /// Lines of logs that are told of it.
    static let maxLogLines = 200

    mutating func add(_ event: Event, _ lines: any CommandCompleting) {
        switch event {
        // How far it was is of no use later.
        case .uploading: return
        case .log: logLines += 1
        default: break
        }
        events.append((event, lines))
        if logLines > 2 * Self.maxLogLines { truncateLog() }
    }

    /// Leaves out the first lines of logs.
    private mutating func truncateLog() {
        var rest = logLines - Self.maxLogLines
        guard rest > 0 else { return }
        (omittedLines, logLines) = (omittedLines + rest, Self.maxLogLines)
        events.removeAll { kept in
            guard kept.event.isLog, rest > 0 else { return false }
            rest -= 1
            return true
        }
    }

    func replay(_ space: SpaceID, by reporter: any Reporter) {
        var story = self
        story.truncateLog()
        let start = story.events.firstIndex { $0.event.isLog } ?? 0
        for (index, kept) in story.events.enumerated() {
            if index == start, story.omittedLines > 0 {
                let gap = "… \(story.omittedLines) lines of the log before these (--json shows all)"
                reporter.report(.detail(gap), of: space, kept.lines)
            }
            reporter.report(kept.event, of: space, kept.lines)
        }
        if let end { reporter.report(end.report, end.cost) }
    }
}

extension Event {
    fileprivate var isLog: Bool { if case .log = self { true } else { false } }
}
