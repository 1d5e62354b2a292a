import BuildDiagnosis
import SpacesModel
import TextTools

extension BuildWatcher {
    /// Returns the outcome of a terminal stage, with the relevant log and its diagnosis.
    func makeOutcome(_ runtime: Runtime, _ state: WatchState<Time>) async -> WatchOutcome {
        let kind = runtime.stage.outcome ?? .timedOut
        var outcome = WatchOutcome(kind, stage: runtime.stage, message: message(of: kind))
        outcome.errorMessage = runtime.errorMessage
        (outcome.appURL, outcome.isPrivate) = (state.info?.appURL, state.info?.isPrivate)
        outcome.hint = kind.hint(for: space)
        guard kind == .buildError || kind == .runtimeError else {
            let diagnosis = Diagnosis.of(await failureContext(kind, runtime, state, run: []))
            if [.quota, .payment, .configuration].contains(diagnosis.cause) { outcome.hint = diagnosis.hint }
            return outcome
        }
        outcome.log = kind == .buildError ? .build : .run
        let lines = kind == .buildError ? await log.lines : await fetchRunLog()
        outcome.tail = lines.suffix(20)
        if kind == .runtimeError { for line in outcome.tail { emit(.log(.run, LogLine(text: line))) } }
        outcome.apply(
            Diagnosis.of(await failureContext(kind, runtime, state, run: kind == .runtimeError ? lines : [])))
        return outcome
    }

    private func failureContext(
        _ kind: WatchOutcome.Kind, _ runtime: Runtime, _ state: WatchState<Time>, run: [String]
    ) async -> FailureContext {
        FailureContext(
            kind, of: space, errorMessage: runtime.errorMessage, build: await log.lines, run: run,
            sdk: state.info?.sdk, appPort: state.info?.appPort)
    }

    /// Checks once more at the time limit: a build too short for its stage to be observed fails with
    /// the same stage and message as the one before, and only its log distinguishes the two.
    /// - Throws: the last error if no stage could be read at all.
    func finalCheck(_ state: inout WatchState<Time>) async throws(DeployError) -> WatchOutcome {
        guard let stage = state.lastRuntime?.stage, stage.isTerminal, stage != .running, !stage.isInactive
        else {
            return try await timeoutOutcome(state)
        }
        await log.pollNow()
        for _ in 0..<20 where await !log.namesOurCommit { try? await clock.sleep(for: .milliseconds(100)) }
        // As in `outcome(from:)`, the log must name the commit before the stage is requested: stage
        // and log change together.
        if await log.namesOurCommit, let observation = try await observeStage(&state),
            let outcome = try await evaluate(observation, true, &state, clock.now)
        {
            return outcome
        }
        return try await timeoutOutcome(state)
    }

    private func timeoutOutcome(_ state: WatchState<Time>) async throws(DeployError) -> WatchOutcome {
        guard let runtime = state.lastRuntime else { throw state.lastError ?? .interruptedWatch }
        // Waiting does not help with an inactive Space: the hint to wake it is more useful than a
        // timeout.
        if runtime.stage.isInactive { return await makeOutcome(runtime, state) }
        var outcome = WatchOutcome(
            .timedOut, stage: runtime.stage,
            message:
                "gave up watching \(space) after \(limit.text(.minutes)): \(stageDescription(runtime.stage, state))"
        )
        outcome.errorMessage = state.lastError?.message ?? runtime.errorMessage
        (outcome.log, outcome.tail) = (.build, await log.lines.suffix(20))
        outcome.hint = WatchOutcome.Kind.timedOut.hint(for: space)
        if runtime.stage.isStarting, state.attribution.isOurs {
            await explainTimeout(runtime, state, &outcome)
        }
        (outcome.appURL, outcome.isPrivate) = (state.info?.appURL, state.info?.isPrivate)
        return outcome
    }

    /// Explains the timeout of a starting app from its log, which may show the reason: a wrong port
    /// or address, a traceback.
    private func explainTimeout(_ runtime: Runtime, _ state: WatchState<Time>, _ outcome: inout WatchOutcome)
        async
    {
        let runLines = await fetchRunLog()
        guard !runLines.isEmpty else { return }
        (outcome.log, outcome.tail) = (.run, runLines.suffix(20))
        for line in outcome.tail { emit(.log(.run, LogLine(text: line))) }
        let diagnosis = Diagnosis.of(await failureContext(.timedOut, runtime, state, run: runLines))
        guard let cause = diagnosis.cause, cause != .startTimeout, !cause.isPlatformError else { return }
        (outcome.cause, outcome.firstError, outcome.hint) = (cause, diagnosis.firstError, diagnosis.hint)
        outcome.why = diagnosis.why
    }

    private func stageDescription(_ stage: Stage, _ state: WatchState<Time>) -> String {
        let isStale = stage.isTerminal && !state.attribution.isOurs
        return isStale
            ? "the Hub still reports \(stage), as before \(commit.short)" : "\(commit.short) is at \(stage)"
    }

    private func message(of kind: WatchOutcome.Kind) -> String {
        switch kind {
        case .running: "\(space) runs \(commit.short)"
        case .buildError: "the build of \(commit.short) on \(space) failed"
        case .runtimeError: "the app on \(space) failed to run at \(commit.short)"
        case .configError: "the Hub cannot use the configuration of \(space) at \(commit.short)"
        case .noAppFile: "the Hub finds no app file in \(space) at \(commit.short)"
        case .paused: "\(space) is paused; \(commit.short) is pushed, but not built"
        case .sleeping: "\(space) is asleep; \(commit.short) is pushed"
        case .stopped: "\(space) is stopped; \(commit.short) is pushed"
        case .deleting: "\(space) is being deleted"
        case .superseded, .timedOut: "\(space) does not run \(commit.short)"
        }
    }

    /// Returns the stored run log. The stream stays open after the stored lines, so it is read until
    /// no new lines arrive for a second, at most 10 seconds.
    private func fetchRunLog() async -> [String] {
        let runLog = RunLog()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [builds] in try? await builds.follow(.run) { await runLog.append($0) } }
            group.addTask { [clock] in
                var previousCount = -1
                for _ in 0..<10 {
                    guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
                    let count = await runLog.lines.count
                    if count == previousCount, count > 0 { return }
                    previousCount = count
                }
            }
            await group.next()
            group.cancelAll()
        }
        return await runLog.lines
    }

    /// Reports a stage once, but not one that may be from before our commit: readers would attribute
    /// it to our commit. A stage that follows a build is reported after the build's log.
    func reportStage(
        _ stage: Stage, _ attribution: StageAttribution.Attribution, _ state: inout WatchState<Time>
    ) async {
        if state.attribution.isOurs, stage.isInProgress { await log.buildStarted() }
        guard state.reportedStage != stage, attribution == .inProgress || attribution == .finished else {
            return
        }
        if stage.isBuilding {
            state.isLogComplete = false
        } else if !state.isLogComplete, hasLog(before: stage, state) {
            await waitForCompleteLog()
            state.isLogComplete = true
        }
        state.reportedStage = stage
        await log.report(stage)
    }

    /// Returns whether our commit was built, so that its log is worth waiting for.
    private func hasLog(before stage: Stage, _ state: WatchState<Time>) -> Bool {
        guard !state.isStatic, !stage.isInactive else { return false }
        return stage == .buildError || state.reportedStage?.isBuilding ?? state.attribution.expectsBuild
    }

    /// Waits until the build log, which comes by another connection, is complete: the stream ended,
    /// or no line has arrived for a second after lines of our commit. Gives up if no log arrives.
    private func waitForCompleteLog() async {
        var (previousCount, quietRounds) = (-1, 0)
        for round in 0..<20 where await !log.hasEnded {
            let (isShowingLines, count) = await (log.isShowingLines, log.received)
            if !isShowingLines, round == 12 { return }
            if !isShowingLines, round.isMultiple(of: 4) { await refetchLog() }
            (previousCount, quietRounds) = (
                count, count == previousCount && isShowingLines ? quietRounds + 1 : 0
            )
            guard quietRounds < 4, (try? await clock.sleep(for: .milliseconds(250))) != nil else { return }
        }
    }

    /// Warns once, with a hint, if no build is visible a minute after the push. A stuck build looks
    /// like a slow one, and its log stays empty (huggingface_hub#3452).
    func warnIfIdle(since start: Time.Instant, _ now: Time.Instant, _ state: inout WatchState<Time>) async {
        guard pushed, !state.isIdleReported, !state.isStatic, start.duration(to: now) >= .seconds(60),
            let stage = state.lastRuntime?.stage, !stage.isInactive, !stage.isStarting
        else { return }
        if stage.isBuilding {
            guard await !log.isShowingLines, await !log.hasEnded else { return }
            emit(
                .warning(
                    "one minute after the push, the build of \(commit.short) has no output; still watching (the Hub's builders "
                        + "may be busy); if the build is stuck, start a new one: spacesync push \(space) --rebuild"
                ))
        } else {
            guard !state.attribution.isOurs else { return }
            emit(
                .warning(
                    "one minute after the push, the Hub has not started a build of \(commit.short) (stage: \(stage)); still watching "
                        + "(known problems: https://status.huggingface.co); to start a build: spacesync push \(space) --rebuild"
                ))
        }
        state.isIdleReported = true
    }

    private func refetchLog() async {
        await log.buildStarted()
        await log.pollNow()
    }
}

/// The last 200 lines of the app's log.
private actor RunLog {
    private(set) var lines: [String] = []
    func append(_ line: LogLine) { lines = (lines + [line.text]).suffix(200) }
}

extension Stage {
    /// Whether an image is being built, after which the container starts.
    package var isBuilding: Bool { self == .building || self == .runningBuilding }
}
