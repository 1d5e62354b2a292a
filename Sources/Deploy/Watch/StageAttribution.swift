import SpacesModel

/// The attribution of reported stages to commits. Immediately after a push the Hub still reports the
/// state of the previous commit: RUNNING, but also BUILD_ERROR, NO_APP_FILE or PAUSED.
struct StageAttribution: Sendable {
    enum Attribution: Hashable, Sendable {
        /// The Hub is building or starting, or reports an unknown stage.
        case inProgress
        /// A terminal stage that belongs to our commit.
        case finished
        /// A terminal stage that may be from before our commit.
        case stale
        /// The Space runs another commit.
        case otherCommit(ObjectID)
    }

    let commit: ObjectID
    /// Whether the Hub's reports are about our commit; never becomes false again.
    private(set) var isOurs: Bool
    /// Whether a build of our commit is expected: it was pushed, or the Hub was seen building.
    private(set) var expectsBuild: Bool
    private var lastRuntime: Runtime?

    /// - Parameters:
    ///   - previous: the runtime from before the push; `nil` if it was not read.
    ///   - pushed: whether this run pushed the commit. If not, the Hub's reports are about its head,
    ///     but an error may still be the previous commit's if another run pushed a moment ago.
    init(commit: ObjectID, previous: Runtime?, pushed: Bool) {
        (self.commit, self.lastRuntime, expectsBuild) = (commit, previous, pushed)
        isOurs = !pushed && previous?.stage.isBroken != true
    }

    /// Records one report and returns its attribution.
    /// - Parameter logNamesOurCommit: whether the build log has named our commit.
    mutating func observe(_ now: Runtime, logNamesOurCommit: Bool) -> Attribution {
        if logNamesOurCommit || isBuildStart(now) || isNewTerminalStage(now) { isOurs = true }
        lastRuntime = now
        if now.stage.isInProgress { expectsBuild = true }
        guard now.stage.isTerminal else { return .inProgress }
        if now.stage == .deleting { return .finished }
        guard now.stage == .running, let runningCommit = now.sha else { return isOurs ? .finished : .stale }
        return runningCommit == commit ? .finished : .otherCommit(runningCommit)
    }

    /// Whether a build started since the last report. A build that was already in progress when we
    /// pushed is another commit's.
    private func isBuildStart(_ now: Runtime) -> Bool {
        now.stage.isInProgress && !(lastRuntime?.stage.isInProgress ?? false)
    }

    /// Whether one terminal stage directly follows a different one: the build was too short to be
    /// observed. RUNNING does not count, because a visitor also wakes a sleeping Space.
    private func isNewTerminalStage(_ now: Runtime) -> Bool {
        guard let lastRuntime, lastRuntime.stage.isTerminal, now.stage.isTerminal, now.stage != .running
        else {
            return false
        }
        return lastRuntime.stage != now.stage || lastRuntime.errorMessage != now.errorMessage
    }
}
