import Deploy
import Reporting
import SpacesModel
import Synchronization

/// What is said of one target, up to its report: what comes later (a source that several share is still being asked)
/// is not said any more.
final class Story: Sendable {
    private let space: SpaceID
    private let lines: ReadyLines
    private let voice: any Voice
    private let isOver = Mutex(false)

    init(of space: SpaceID, _ lines: ReadyLines, by voice: any Voice) {
        (self.space, self.lines, self.voice) = (space, lines, voice)
    }

    func say(_ event: Event) {
        isOver.withLock { isOver in
            if !isOver { voice.say(lines.complete(event, of: space), of: space, lines) }
        }
    }

    func end(_ report: Report, _ cost: Cost) {
        isOver.withLock { isOver in
            isOver = true
            voice.report(report, cost)
        }
    }
}
