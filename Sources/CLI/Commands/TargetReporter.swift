import Deploy
import Essentials
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
    private let lastDeploy: DeployCache
    private let source = Mutex<SourceSummary?>(nil)

    /// - Parameter lastDeploy: where a push is stored for `list`.
    init(
        of space: SpaceID, _ commandHints: CommandHints, by reporter: any Reporter,
        storing lastDeploy: DeployCache
    ) {
        (self.space, self.commandHints, self.reporter) = (space, commandHints, reporter)
        self.lastDeploy = lastDeploy
    }

    func log(_ event: Event) {
        switch event {
        case .source(let summary): source.withLock { $0 = summary }
        case .pushed(let commit): store(commit)
        default: break
        }
        isFinished.withLock { isFinished in
            if !isFinished {
                reporter.send(.event(commandHints.complete(event, of: space), space, commandHints))
            }
        }
    }

    private func store(_ commit: ObjectID) {
        let source = source.withLock { $0 }
        lastDeploy.store(
            DeployCache.Entry(
                head: commit, time: Int64(Date().timeIntervalSince1970), source: source?.commit,
                branch: source?.branch))
    }

    func finish(_ report: DeployResult, _ statistics: RunStatistics) {
        isFinished.withLock { isFinished in
            isFinished = true
            reporter.send(.result(TargetResult(report, statistics)))
        }
    }
}
