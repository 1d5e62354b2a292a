import SpacesModel

/// One watch: asks, judges, waits, until there is an outcome.
struct Watching<Builds: BuildWatching, Time: Clock<Duration>>: Sendable {
    let builds: Builds
    let commit: ObjectID
    let space: SpaceID
    let pushed: Bool
    let limit: Duration
    let sharing: @Sendable () -> Int
    let clock: Time
    let log: BuildLog
    let say: Say

    /// How long a report that is not about our commit is waited out.
    static var patience: Duration { .seconds(90) }
    /// How long an error must last that nothing connects with the head. The Hub begins a build a moment after a push.
    static var errorPatience: Duration { .seconds(10) }

    func result(from previous: Runtime?) async -> Result<WatchOutcome, Failure> {
        do throws(Failure) {
            return .success(try await outcome(from: previous))
        } catch {
            return .failure(error)
        }
    }

    private func outcome(from previous: Runtime?) async throws(Failure) -> WatchOutcome {
        let start = clock.now
        var course = Course<Time>(Evidence(commit: commit, previous: previous, pushed: pushed), since: start)
        course.pace.sharing = sharing
        while true {
            // Only what the log said before the Hub was asked vouches for the answer: stage and log change together.
            let namesUs = await log.namesUs
            course.pace.note(at: start.duration(to: clock.now))
            let report = try await report(&course)
            let now = clock.now
            if let report, let outcome = try await judge(report, namesUs, &course, now) { return outcome }
            if let gone = await superseded(&course) { return gone }
            await tellIdleness(since: start, now, &course)
            guard start.duration(to: now) < limit else { return try await lastLook(&course) }
            let left = limit - start.duration(to: now)
            let elapsed = start.duration(to: now)
            let pause = course.pace.next(at: elapsed, await circumstances(course, now))
            try await wait(min(pause, left), course.pace.moment(at: elapsed), &course)
        }
    }

    private func circumstances(_ course: Course<Time>, _ now: Time.Instant) async -> Pace.Circumstances {
        let isStarting = course.evidence.isOurs && course.last?.stage.isStarting == true
        await log.starting(isStarting)
        return Pace.Circumstances(
            unchanged: course.lastChange.duration(to: now), isHeard: await log.isHeard, isStarting: isStarting
        )
    }

    /// What the Hub says now; nil when it cannot be asked at the moment.
    func report(_ course: inout Course<Time>) async throws(Failure) -> Sighting? {
        do throws(Failure) {
            if course.info == nil || course.isStatic {
                let info = try await builds.info()
                course.info = info
                if let runtime = info.runtime { return Sighting(runtime: runtime, head: info.sha) }
            }
            let report = Sighting(runtime: try await builds.runtime(), head: course.info?.sha)
            course.fault = nil
            return report
        } catch {
            guard error.kind == .tryLater else { throw error }
            if course.fault == nil { say(.warning("\(error.message); still watching")) }
            course.fault = error
            return nil
        }
    }

    /// An outcome when the report is the end of our commit.
    func judge(
        _ report: Sighting, _ namesUs: Bool, _ course: inout Course<Time>, _ now: Time.Instant
    ) async throws(Failure) -> WatchOutcome? {
        let stage = report.runtime.stage
        if course.last != report.runtime { (course.lastChange, course.oldSince) = (now, nil) }
        if course.last?.stage != stage { course.pace.quicken() }
        course.last = report.runtime
        let verdict = course.evidence.observe(report.runtime, logNamesUs: namesUs)
        await tell(stage, verdict, &course)
        if course.isStatic, stage == .running {
            return report.head == commit
                ? await ended(.running, report.runtime, course) : await old(&course, now)
        }
        switch verdict {
        case .working: return nil
        case .settled: return await ended(stage.outcome ?? .timedOut, report.runtime, course)
        case .old: return await old(&course, now)
        case .foreign(let other):
            if course.evidence.isOurs, course.foreign != other, let head = await newHead() {
                return superseded(by: head.description, stage)
            }
            course.foreign = other
            return await old(&course, now)
        }
    }

    /// Waits out what is not about our commit; then says so.
    private func old(_ course: inout Course<Time>, _ now: Time.Instant) async -> WatchOutcome? {
        let since = course.oldSince ?? now
        course.oldSince = since
        if !pushed, since.duration(to: now) >= Self.errorPatience, let runtime = course.last,
            runtime.stage.isBroken, let kind = runtime.stage.outcome
        {
            return await ended(kind, runtime, course)
        }
        guard since.duration(to: now) >= Self.patience, let runtime = course.last else { return nil }
        if let head = await newHead() { return superseded(by: head.description, runtime.stage) }
        if runtime.stage.isAtRest, let kind = runtime.stage.outcome {
            return await ended(kind, runtime, course)
        }
        var outcome = WatchOutcome(
            .timedOut, stage: runtime.stage,
            message: course.foreign.map {
                "\(space) still runs \($0.short), not \(commit.short)"
            }
                ?? "the Hub has not begun a build of \(commit.short) on \(space); it still says \(runtime.stage)"
        )
        outcome.errorMessage = runtime.errorMessage
        outcome.hint =
            "a push with --rebuild makes it build; spacesync watch \(space) watches again"
        outcome.appURL = course.info?.appURL
        return outcome
    }

    /// The head of the Space when it is another commit than ours.
    private func newHead() async -> ObjectID? {
        guard let head = try? await builds.info().sha, head != commit else { return nil }
        return head
    }

    /// The log has named another commit after ours, and it is the head.
    private func superseded(_ course: inout Course<Time>) async -> WatchOutcome? {
        guard let named = await log.successor, named != course.doubted else { return nil }
        course.doubted = named
        guard let head = await newHead() else { return nil }
        return superseded(by: head.description, course.last?.stage)
    }

    private func superseded(by other: String, _ stage: Stage?) -> WatchOutcome {
        WatchOutcome(
            .superseded(by: other), stage: stage,
            message: "\(space) moved on to \(other.prefix(7)), which came after \(commit.short)")
    }

    /// Waits, and no longer than a moment when a log announces a change.
    private func wait(_ time: Duration, _ moment: Duration, _ course: inout Course<Time>)
        async throws(Failure)
    {
        try await sleep(min(time, moment))
        let seen = course.signals
        if time > moment {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await clock.sleep(for: time - moment) }
                group.addTask { await log.wait { $0.signals != seen } }
                await group.next()
                group.cancelAll()
            }
        }
        guard !Task.isCancelled else { throw .interruptedWatch }
        course.signals = await log.signals
        if course.signals != seen { course.pace.quicken() }
    }

    private func sleep(_ time: Duration) async throws(Failure) {
        guard (try? await clock.sleep(for: time)) != nil else { throw .interruptedWatch }
    }
}

/// What one look at the Hub showed.
struct Sighting: Sendable {
    var runtime: Runtime
    var head: ObjectID?
}

/// What a watch remembers between two looks.
struct Course<Time: Clock<Duration>>: Sendable {
    var evidence: Evidence
    var pace = Pace()
    var info: SpaceInfo?
    var last: Runtime?
    var told: Stage?
    var lastChange: Time.Instant
    var oldSince: Time.Instant?
    /// Another commit in service, for which the head was looked at already.
    var foreign: ObjectID?
    /// A commit in the log, for which the head was looked at already.
    var doubted: String?
    var signals = 0
    /// The log of the build that was told last is told to its end.
    var isLogWhole = false
    /// That nothing happens has been said.
    var isIdlenessTold = false
    /// The last look failed, with this.
    var fault: Failure?

    init(_ evidence: Evidence, since start: Time.Instant) { (self.evidence, lastChange) = (evidence, start) }

    var isStatic: Bool { info?.sdk == "static" }
}
