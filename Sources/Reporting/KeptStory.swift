import Deploy
import SpacesModel

/// What a target says while another has the floor. Of a long log its end is kept.
struct KeptStory: Sendable {
    private var events: [(event: Event, lines: any CommandCompleting)] = []
    private var logLines = 0
    private var leftOut = 0
    var end: (report: Report, cost: Cost)?

    /// Lines of logs that are told of it.
    static let longest = 200

    mutating func add(_ event: Event, _ lines: any CommandCompleting) {
        switch event {
        // How far it was is of no use later.
        case .uploading: return
        case .log: logLines += 1
        default: break
        }
        events.append((event, lines))
        if logLines > 2 * Self.longest { shorten() }
    }

    /// Leaves out the first lines of logs.
    private mutating func shorten() {
        var rest = logLines - Self.longest
        guard rest > 0 else { return }
        (leftOut, logLines) = (leftOut + rest, Self.longest)
        events.removeAll { kept in
            guard kept.event.isLog, rest > 0 else { return false }
            rest -= 1
            return true
        }
    }

    func tell(_ space: SpaceID, by voice: any Voice) {
        var story = self
        story.shorten()
        let start = story.events.firstIndex { $0.event.isLog } ?? 0
        for (index, kept) in story.events.enumerated() {
            if index == start, story.leftOut > 0 {
                let gap = "… \(story.leftOut) lines of the log before these (--json shows all)"
                voice.say(.detail(gap), of: space, kept.lines)
            }
            voice.say(kept.event, of: space, kept.lines)
        }
        if let end { voice.report(end.report, end.cost) }
    }
}

extension Event {
    fileprivate var isLog: Bool { if case .log = self { true } else { false } }
}
