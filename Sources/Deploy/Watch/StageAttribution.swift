import SpacesModel

/// Decides whether what the Hub reports is about our commit. Straight after a push it still reports what was before:
/// the old RUNNING, but also the old BUILD_ERROR, NO_APP_FILE or PAUSED.
struct StageAttribution: Sendable {
    enum Attribution: Hashable, Sendable {
        /// The Hub is at work, or says something we do not know.
        case inProgress
        /// A settled stage that belongs to our commit.
        case finished
        /// A settled stage that may be from before.
        case stale
        /// Another commit is in service.
        case otherCommit(ObjectID)
    }

    let commit: ObjectID
    /// Once true, what the Hub does now is about our commit.
    private(set) var isOurs: Bool
    /// Work on our commit is to be expected: it was pushed, or the Hub was seen at work.
    private(set) var expectsBuild: Bool
    private var last: Runtime?

    /// - Parameters:
    ///   - previous: what the Hub reported before the push; nil when nobody looked.
    ///   - pushed: false when this run pushed nothing: then what the Hub says is about its head. An error may still be
    ///     that of the commit before, if somebody pushed a moment ago.
    init(commit: ObjectID, previous: Runtime?, pushed: Bool) {
        (self.commit, self.last, expectsBuild) = (commit, previous, pushed)
        isOurs = !pushed && previous?.stage.isBroken != true
    }

    /// Takes in one report, and whether the build log has named our commit.
    mutating func observe(_ now: Runtime, logNamesOurCommit: Bool) -> Attribution {
        if logNamesOurCommit || isBuildStart(now) || isNewTerminalStage(now) { isOurs = true }
        last = now
        if now.stage.isInProgress { expectsBuild = true }
        guard now.stage.isTerminal else { return .inProgress }
        if now.stage == .deleting { return .finished }
        guard now.stage == .running, let serving = now.sha else { return isOurs ? .finished : .stale }
        return serving == commit ? .finished : .otherCommit(serving)
    }

    /// At work after it was not. A build that was going on when we pushed is another commit's.
    private func isBuildStart(_ now: Runtime) -> Bool {
        now.stage.isInProgress && !(last?.stage.isInProgress ?? false)
    }

    /// Another settled stage than before, straight from one: work so short that no report showed it. Not RUNNING:
    /// a visitor wakes a sleeping Space, too.
    private func isNewTerminalStage(_ now: Runtime) -> Bool {
        guard let last, last.stage.isTerminal, now.stage.isTerminal, now.stage != .running else {
            return false
        }
        return last.stage != now.stage || last.errorMessage != now.errorMessage
    }
}
