import Deploy
import Reporting
import SpacesModel
import Synchronization

/// What is said of one target, up to its report: what comes later (a source that several share is still being asked)
/// is not said any more.
final class TargetReporter: Sendable {
    private let space: SpaceID
    private let commandHints: CommandHints
    private let reporter: any Reporter
    private let isOver = Mutex(false)

    init(of space: SpaceID, _ commandHints: CommandHints, by reporter: any Reporter) {
        (self.space, self.commandHints, self.reporter) = (space, commandHints, reporter)
    }

    func log(_ event: Event) {
        isOver.withLock { isOver in
            if !isOver { reporter.report(commandHints.complete(event, of: space), of: space, commandHints) }
        }
    }

    func finish(_ report: DeployResult, _ statistics: RunStatistics) {
        isOver.withLock { isOver in
            isOver = true
            reporter.report(report, statistics)
        }
    }
}
