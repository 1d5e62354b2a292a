import Deploy
import Reporting
import SpacesModel
import Synchronization

/// Reports the progress of one target. Drops events that arrive after the target's result, for
/// example from a fetch shared with other targets.
final class TargetReporter: Sendable {
    private let space: SpaceID
    private let commandHints: CommandHints
    private let reporter: any Reporter
    private let isFinished = Mutex(false)

    init(of space: SpaceID, _ commandHints: CommandHints, by reporter: any Reporter) {
        (self.space, self.commandHints, self.reporter) = (space, commandHints, reporter)
    }

    func log(_ event: Event) {
        isFinished.withLock { isFinished in
            if !isFinished {
                reporter.send(.event(commandHints.complete(event, of: space), space, commandHints))
            }
        }
    }

    func finish(_ report: DeployResult, _ statistics: RunStatistics) {
        isFinished.withLock { isFinished in
            isFinished = true
            reporter.send(.result(TargetResult(report, statistics)))
        }
    }
}
