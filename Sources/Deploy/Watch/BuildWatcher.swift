import SpacesModel

/// The polling loop of one watch: reads the stage, decides whether it is final for the commit, and
/// waits.
struct BuildWatcher<Time: Clock<Duration>>: Sendable {
    let builds: any SpaceRuntimeService
    let commit: ObjectID
    let space: SpaceID
    let pushed: Bool
    let limit: Duration
    let activeWatchCount: @Sendable () -> Int
    let clock: Time
    let log: BuildLog
    let emit: EventHandler

    /// How long reports about another commit are tolerated.
    static var staleTimeout: Duration { .seconds(90) }
    /// How long an error stage must persist that may belong to another commit. The Hub starts a build
    /// shortly after a push.
    static var errorPatience: Duration { .seconds(10) }

    /// Polls until the stage is final for the commit, or the time limit is reached.
    func outcome(from previous: Runtime?) async throws(DeployError) -> WatchOutcome {
        let start = clock.now
        var state = WatchState<Time>(
            StageAttribution(commit: commit, previous: previous, pushed: pushed), since: start)
        state.schedule.activeWatchCount = activeWatchCount
        while true {
            // The log must name the commit before the stage is requested: stage and log change
            // together.
            let namesOurCommit = await log.namesOurCommit
            state.schedule.recordRequest(at: start.duration(to: clock.now))
            let observation = try await observeStage(&state)
            let now = clock.now
            if let observation, let outcome = try await evaluate(observation, namesOurCommit, &state, now) {
                return outcome
            }
            if let superseded = await checkForNewerCommit(&state) { return superseded }
            await warnIfIdle(since: start, now, &state)
            guard start.duration(to: now) < limit else { return try await finalCheck(&state) }
            let remaining = limit - start.duration(to: now)
            let elapsed = start.duration(to: now)
            let pause = state.schedule.nextDelay(at: elapsed, await makePollContext(state, now))
            try await wait(min(pause, remaining), state.schedule.minDelay(at: elapsed), &state)
        }
    }

    private func makePollContext(_ state: WatchState<Time>, _ now: Time.Instant) async
        -> PollSchedule.PollContext
    {
        let isStarting = state.attribution.isOurs && state.lastRuntime?.stage.isStarting == true
        await log.setStarting(isStarting)
        return PollSchedule.PollContext(
            unchanged: state.lastChange.duration(to: now), isStreaming: await log.isStreaming,
            isStarting: isStarting
        )
    }

    /// Returns the current stage; `nil` if the Hub is temporarily unavailable.
    func observeStage(_ state: inout WatchState<Time>) async throws(DeployError) -> StageObservation? {
        do throws(DeployError) {
            if state.info == nil || state.isStatic {
                let info = try await builds.info()
                state.info = info
                if let runtime = info.runtime { return StageObservation(runtime: runtime, head: info.sha) }
            }
            let observation = StageObservation(runtime: try await builds.runtime(), head: state.info?.sha)
            state.lastError = nil
            return observation
        } catch {
            guard error.kind == .tryLater else { throw error }
            if state.lastError == nil { emit(.warning("\(error.message); still watching")) }
            state.lastError = error
            return nil
        }
    }

    /// Returns an outcome if the observation is the final stage of our commit.
    func evaluate(
        _ observation: StageObservation, _ namesOurCommit: Bool, _ state: inout WatchState<Time>,
        _ now: Time.Instant
    ) async throws(DeployError) -> WatchOutcome? {
        let stage = observation.runtime.stage
        if state.lastRuntime != observation.runtime { (state.lastChange, state.staleSince) = (now, nil) }
        if state.lastRuntime?.stage != stage { state.schedule.resetBackOff() }
        state.lastRuntime = observation.runtime
        let attribution = state.attribution.observe(observation.runtime, logNamesOurCommit: namesOurCommit)
        await reportStage(stage, attribution, &state)
        if state.isStatic, stage == .running {
            return observation.head == commit
                ? await makeOutcome(observation.runtime, state) : await handleStale(&state, now)
        }
        switch attribution {
        case .inProgress: return nil
        case .finished: return await makeOutcome(observation.runtime, state)
        case .stale: return await handleStale(&state, now)
        case .otherCommit(let other):
            if state.attribution.isOurs, state.otherCommit != other, let head = await fetchNewerHead() {
                return supersededOutcome(by: head.description, stage)
            }
            state.otherCommit = other
            return await handleStale(&state, now)
        }
    }

    /// Tolerates a stage that does not belong to our commit for `staleTimeout`; then returns an
    /// outcome for it.
    private func handleStale(_ state: inout WatchState<Time>, _ now: Time.Instant) async -> WatchOutcome? {
        let since = state.staleSince ?? now
        state.staleSince = since
        if !pushed, since.duration(to: now) >= Self.errorPatience, let runtime = state.lastRuntime,
            runtime.stage.isBroken
        {
            return await makeOutcome(runtime, state)
        }
        guard since.duration(to: now) >= Self.staleTimeout, let runtime = state.lastRuntime else {
            return nil
        }
        if let head = await fetchNewerHead() { return supersededOutcome(by: head.description, runtime.stage) }
        if runtime.stage.isInactive { return await makeOutcome(runtime, state) }
        var outcome = WatchOutcome(
            .timedOut, stage: runtime.stage,
            message: state.otherCommit.map {
                "\(space) still runs \($0.short), not \(commit.short)"
            }
                ?? "the Hub has not started a build of \(commit.short) on \(space) (stage: \(runtime.stage))"
        )
        outcome.errorMessage = runtime.errorMessage
        outcome.hint =
            "to start a build: spacesync push \(space) --rebuild\nto keep watching: spacesync watch \(space)"
        (outcome.appURL, outcome.isPrivate) = (state.info?.appURL, state.info?.isPrivate)
        return outcome
    }

    /// Returns the Space's head; `nil` if it is `commit` or cannot be read.
    private func fetchNewerHead() async -> ObjectID? {
        guard let head = try? await builds.info().sha, head != commit else { return nil }
        return head
    }

    /// Returns an outcome if the log named another commit after `commit` and that commit is the head.
    private func checkForNewerCommit(_ state: inout WatchState<Time>) async -> WatchOutcome? {
        guard let shortID = await log.successor, shortID != state.checkedSuccessor else { return nil }
        state.checkedSuccessor = shortID
        guard let head = await fetchNewerHead() else { return nil }
        return supersededOutcome(by: head.description, state.lastRuntime?.stage)
    }

    private func supersededOutcome(by other: String, _ stage: Stage?) -> WatchOutcome {
        WatchOutcome(
            .superseded(by: other), stage: stage,
            message: "\(space) has the newer commit \(other.prefix(7)), pushed after \(commit.short)")
    }

    /// Waits for `time`, or only for `minDelay` if a log announces a change.
    private func wait(_ time: Duration, _ minDelay: Duration, _ state: inout WatchState<Time>)
        async throws(DeployError)
    {
        try await sleep(min(time, minDelay))
        let previousSignals = state.signals
        if time > minDelay {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await clock.sleep(for: time - minDelay) }
                group.addTask { await log.wait { $0.signals != previousSignals } }
                await group.next()
                group.cancelAll()
            }
        }
        guard !Task.isCancelled else { throw .interruptedWatch }
        state.signals = await log.signals
        if state.signals != previousSignals { state.schedule.resetBackOff() }
    }

    private func sleep(_ time: Duration) async throws(DeployError) {
        guard (try? await clock.sleep(for: time)) != nil else { throw .interruptedWatch }
    }
}

/// The stage and head from one poll of the Hub.
struct StageObservation: Sendable {
    var runtime: Runtime
    var head: ObjectID?
}

/// The state of a watch between two polls.
struct WatchState<Time: Clock<Duration>>: Sendable {
    var attribution: StageAttribution
    var schedule = PollSchedule()
    var info: SpaceInfo?
    var lastRuntime: Runtime?
    var reportedStage: Stage?
    var lastChange: Time.Instant
    var staleSince: Time.Instant?
    /// Another commit that the Space runs, for which the head was already checked.
    var otherCommit: ObjectID?
    /// A commit named in the log, for which the head was already checked.
    var checkedSuccessor: String?
    var signals = 0
    /// Whether the log of the last reported build was reported completely.
    var isLogComplete = false
    /// Whether the warning that no build is visible was given.
    var isIdleReported = false
    /// The error of the last poll; `nil` if it succeeded.
    var lastError: DeployError?

    init(_ attribution: StageAttribution, since start: Time.Instant) {
        (self.attribution, lastChange) = (attribution, start)
    }

    var isStatic: Bool { info?.sdk == "static" }
}
