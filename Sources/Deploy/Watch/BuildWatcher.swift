import SpacesModel

/// One watch: asks, judges, waits, until there is an outcome.
struct BuildWatcher<Builds: SpaceRuntimeService, Time: Clock<Duration>>: Sendable {
    let builds: Builds
    let commit: ObjectID
    let space: SpaceID
    let pushed: Bool
    let limit: Duration
    let activeWatchCount: @Sendable () -> Int
    let clock: Time
    let log: BuildLog
    let emit: EventHandler

    /// How long a report that is not about our commit is waited out.
    static var staleTimeout: Duration { .seconds(90) }
    /// How long an error must last that nothing connects with the head. The Hub begins a build a moment after a push.
    static var errorPatience: Duration { .seconds(10) }

    func result(from previous: Runtime?) async -> Result<WatchOutcome, DeployError> {
        do throws(DeployError) {
            return .success(try await outcome(from: previous))
        } catch {
            return .failure(error)
        }
    }

    private func outcome(from previous: Runtime?) async throws(DeployError) -> WatchOutcome {
        let start = clock.now
        var course = WatchState<Time>(
            StageAttribution(commit: commit, previous: previous, pushed: pushed), since: start)
        course.schedule.activeWatchCount = activeWatchCount
        while true {
            // Only what the log said before the Hub was asked vouches for the answer: stage and log change together.
            let namesUs = await log.namesOurCommit
            course.schedule.recordRequest(at: start.duration(to: clock.now))
            let report = try await observeStage(&course)
            let now = clock.now
            if let report, let outcome = try await evaluate(report, namesUs, &course, now) { return outcome }
            if let gone = await checkForNewerCommit(&course) { return gone }
            await warnIfIdle(since: start, now, &course)
            guard start.duration(to: now) < limit else { return try await finalCheck(&course) }
            let left = limit - start.duration(to: now)
            let elapsed = start.duration(to: now)
            let pause = course.schedule.nextDelay(at: elapsed, await makePollContext(course, now))
            try await wait(min(pause, left), course.schedule.minDelay(at: elapsed), &course)
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

    /// What the Hub says now; nil when it cannot be asked at the moment.
    func observeStage(_ state: inout WatchState<Time>) async throws(DeployError) -> StageObservation? {
        do throws(DeployError) {
            if state.info == nil || state.isStatic {
                let info = try await builds.info()
                state.info = info
                if let runtime = info.runtime { return StageObservation(runtime: runtime, head: info.sha) }
            }
            let report = StageObservation(runtime: try await builds.runtime(), head: state.info?.sha)
            state.lastError = nil
            return report
        } catch {
            guard error.kind == .tryLater else { throw error }
            if state.lastError == nil { emit(.warning("\(error.message); still watching")) }
            state.lastError = error
            return nil
        }
    }

    /// An outcome when the report is the end of our commit.
    func evaluate(
        _ observation: StageObservation, _ namesOurCommit: Bool, _ state: inout WatchState<Time>,
        _ now: Time.Instant
    ) async throws(DeployError) -> WatchOutcome? {
        let stage = observation.runtime.stage
        if state.lastRuntime != observation.runtime { (state.lastChange, state.staleSince) = (now, nil) }
        if state.lastRuntime?.stage != stage { state.schedule.resetBackOff() }
        state.lastRuntime = observation.runtime
        let verdict = state.attribution.observe(observation.runtime, logNamesOurCommit: namesOurCommit)
        await reportStage(stage, verdict, &state)
        if state.isStatic, stage == .running {
            return observation.head == commit
                ? await makeOutcome(.running, observation.runtime, state) : await handleStale(&state, now)
        }
        switch verdict {
        case .inProgress: return nil
        case .finished: return await makeOutcome(stage.outcome ?? .timedOut, observation.runtime, state)
        case .stale: return await handleStale(&state, now)
        case .otherCommit(let other):
            if state.attribution.isOurs, state.otherCommit != other, let head = await fetchNewerHead() {
                return supersededOutcome(by: head.description, stage)
            }
            state.otherCommit = other
            return await handleStale(&state, now)
        }
    }

    /// Waits out what is not about our commit; then says so.
    private func handleStale(_ state: inout WatchState<Time>, _ now: Time.Instant) async -> WatchOutcome? {
        let since = state.staleSince ?? now
        state.staleSince = since
        if !pushed, since.duration(to: now) >= Self.errorPatience, let runtime = state.lastRuntime,
            runtime.stage.isBroken, let kind = runtime.stage.outcome
        {
            return await makeOutcome(kind, runtime, state)
        }
        guard since.duration(to: now) >= Self.staleTimeout, let runtime = state.lastRuntime else {
            return nil
        }
        if let head = await fetchNewerHead() { return supersededOutcome(by: head.description, runtime.stage) }
        if runtime.stage.isInactive, let kind = runtime.stage.outcome {
            return await makeOutcome(kind, runtime, state)
        }
        var outcome = WatchOutcome(
            .timedOut, stage: runtime.stage,
            message: state.otherCommit.map {
                "\(space) still runs \($0.short), not \(commit.short)"
            }
                ?? "the Hub has not begun a build of \(commit.short) on \(space); it still says \(runtime.stage)"
        )
        outcome.errorMessage = runtime.errorMessage
        outcome.hint =
            "a push with --rebuild makes it build; spacesync watch \(space) watches again"
        outcome.appURL = state.info?.appURL
        return outcome
    }

    /// The head of the Space when it is another commit than ours.
    private func fetchNewerHead() async -> ObjectID? {
        guard let head = try? await builds.info().sha, head != commit else { return nil }
        return head
    }

    /// The log has named another commit after ours, and it is the head.
    private func checkForNewerCommit(_ state: inout WatchState<Time>) async -> WatchOutcome? {
        guard let named = await log.successor, named != state.checkedSuccessor else { return nil }
        state.checkedSuccessor = named
        guard let head = await fetchNewerHead() else { return nil }
        return supersededOutcome(by: head.description, state.lastRuntime?.stage)
    }

    private func supersededOutcome(by other: String, _ stage: Stage?) -> WatchOutcome {
        WatchOutcome(
            .superseded(by: other), stage: stage,
            message: "\(space) moved on to \(other.prefix(7)), which came after \(commit.short)")
    }

    /// Waits, and no longer than a moment when a log announces a change.
    private func wait(_ time: Duration, _ minDelay: Duration, _ state: inout WatchState<Time>)
        async throws(DeployError)
    {
        try await sleep(min(time, minDelay))
        let seen = state.signals
        if time > minDelay {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await clock.sleep(for: time - minDelay) }
                group.addTask { await log.wait { $0.signals != seen } }
                await group.next()
                group.cancelAll()
            }
        }
        guard !Task.isCancelled else { throw .interruptedWatch }
        state.signals = await log.signals
        if state.signals != seen { state.schedule.resetBackOff() }
    }

    private func sleep(_ time: Duration) async throws(DeployError) {
        guard (try? await clock.sleep(for: time)) != nil else { throw .interruptedWatch }
    }
}

/// What one look at the Hub showed.
struct StageObservation: Sendable {
    var runtime: Runtime
    var head: ObjectID?
}

/// What a watch remembers between two looks.
struct WatchState<Time: Clock<Duration>>: Sendable {
    var attribution: StageAttribution
    var schedule = PollSchedule()
    var info: SpaceInfo?
    var lastRuntime: Runtime?
    var reportedStage: Stage?
    var lastChange: Time.Instant
    var staleSince: Time.Instant?
    /// Another commit in service, for which the head was looked at already.
    var otherCommit: ObjectID?
    /// A commit in the log, for which the head was looked at already.
    var checkedSuccessor: String?
    var signals = 0
    /// The log of the build that was told last is told to its end.
    var isLogComplete = false
    /// That nothing happens has been said.
    var isIdleReported = false
    /// The last look failed, with this.
    var lastError: DeployError?

    init(_ attribution: StageAttribution, since start: Time.Instant) {
        (self.attribution, lastChange) = (attribution, start)
    }

    var isStatic: Bool { info?.sdk == "static" }
}
